import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { examples } from '../../src/cli/examples.ts';
import { program } from '../../src/cli/program.ts';
import { localCommands } from '../../src/cli/shell/local-commands.ts';
import { benchCommand } from '../../src/lab/bench/bench-command.ts';
import { labScenarios } from '../../src/lab/lab-command.ts';
import { operatorCommands } from '../../src/operations/commands/table.ts';
import { readCommand } from '../../src/operations/shell/grammar.ts';
import { tokenize } from '../../src/operations/shell/tokens.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md', 'config', 'deploy'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n');

const samog = program(() => {});
const shapes = [...operatorCommands, ...localCommands];
const spoken = new Set(shapes.map(({ words }) => words[0]!));

let benches = '';
await benchCommand({ list: true }, (text) => {
  benches += text;
});
/** What the argument of a tool may be. */
const named: Readonly<Record<string, readonly string[]>> = {
  lab: labScenarios.map(({ name }) => name),
  bench: benches.split('\n').map((line) => line.split(' ')[0]!),
};

/** Commands as a page has them: lines of blocks, and what stands in backquotes; both with `samog` or as they are typed in the shell. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```.*\n([\s\S]*?)^ *```/gm)].flatMap(([, block]) =>
    block!.replaceAll(/\\\n\s*/g, '').split('\n'),
  );
  const comments = [...text.matchAll(/^ *# {2,}(.*)$/gm)].map(([, line]) => line!);
  const typed = [...blocks, ...comments].flatMap((line) => {
    const [, command] = /^(?:\$ |# )?(?:sudo )?(?:\S*\/)?samog (.*)$/.exec(line.trim()) ?? [];
    return command === undefined ? [] : [command];
  });
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  const quoted = [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => {
    const [, before, command] =
      /^(?:\S+=\S+ )?((?:\S*\/)?samog )?(.*)$/s.exec(code!.replaceAll(/\s*\n\s*/g, ' ')) ?? [];
    const [first = ''] = command!.split(' ');
    return before !== undefined || (spoken.has(first) && command!.includes(' ')) ? [command!] : [];
  });
  return [...typed, ...quoted];
}

/** A command without what explains it, redirects it or filters it; one for each of its alternatives. */
function alternativesOf(text: string): string[][] {
  const [command] = text.replaceAll('\\|', '|').split(/ {2,}| #| > | 2>| && |; | \| /);
  const plain = command!.replaceAll(/[[\]]/g, '');
  const alternatives = /(?<!\S)[\w-]+(?:\|[\w-]+)+/.exec(plain)?.[0];
  const texts = alternatives?.split('|').map((one) => plain.replace(alternatives, one)) ?? [plain];
  return texts.map((one) => [...tokenize(one).parts[0]!]);
}

/** It stands for a value. */
const isName = (word: string): boolean => /^[A-Z][A-Z_-]*$/.test(word);

/** What is wrong with the words of a command, as far as they are written out. */
function faultOf(words: readonly string[]): string | undefined {
  const cut = words.findIndex((word) => word.endsWith('…'));
  const [told, isWhole] = cut === -1 ? [words, true] : [words.slice(0, cut), false];
  const { command, path } = commandOf(told);
  const bare: string[] = [];
  for (let index = path.length; index < told.length; index++) {
    const word = told[index]!;
    if (word === '--help') continue;
    if (!word.startsWith('-')) {
      bare.push(word);
      continue;
    }
    const option = command.options.find(({ long, short }) => long === word || short === word);
    if (option === undefined) return `samog ${path.join(' ')} has no option ${word}`;
    const next = told[index + 1];
    if (option.required ? next === undefined && isWhole : !option.optional || next?.startsWith('-') !== false) continue;
    index++;
    if (next !== undefined && !isName(next) && option.argChoices?.includes(next) === false)
      return `${next} is no ${word}`;
  }
  return faultOfBare(command, path, bare);
}

function commandOf(words: readonly string[]): { readonly command: Command; readonly path: readonly string[] } {
  let command: Command = samog;
  const path: string[] = [];
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word);
    if (inner === undefined) break;
    command = inner;
    path.push(word);
  }
  return { command, path };
}

/** Of the words without dashes, those after the command's own. */
function faultOfBare(command: Command, path: readonly string[], bare: readonly string[]): string | undefined {
  const takes = command.registeredArguments;
  if (takes[0]?.name() === 'words') {
    const reading = readCommand(shapes, [...path, ...bare], false);
    return reading.ok ? undefined : reading.what;
  }
  if (bare.length > takes.length && takes.at(-1)?.variadic !== true)
    return `"${bare[0]}" does not follow samog ${path.join(' ')}`;
  const names = named[path.join(' ')];
  const [name] = bare;
  return names === undefined || name === undefined || isName(name) || names.includes(name)
    ? undefined
    : `there is no ${path.join(' ')} ${name}`;
}

/** As it is typed at a host's prompt, or in the shell, which has some commands more. */
function faultOfEither(words: readonly string[]): string | undefined {
  return readCommand(shapes, words, false).ok ? undefined : faultOf(words);
}

const faultsOf = (text: string): string[] =>
  commandsOf(text).flatMap((command) =>
    alternativesOf(command).flatMap((words) => {
      const fault = faultOfEither(words);
      return fault === undefined ? [] : `${words.join(' ')}: ${fault}`;
    }),
  );

describe('a command that a page names', () => {
  it('is there, with the options that it is named with', () => {
    const texts = pages.map((page) => [page, readFileSync(join(root, page), 'utf8')] as const);
    expect(texts.flatMap(([, text]) => commandsOf(text)).length).toBeGreaterThan(300);
    expect(texts.flatMap(([page, text]) => faultsOf(text).map((fault) => `${page}: ${fault}`))).toEqual([]);
  });

  it.each([
    ['is none', 'see `samog shwo sockets`', ['shwo sockets: "shwo" does not follow samog ']],
    ['shows nothing', 'see `show socks`', ['show socks: "socks" does not follow samog show']],
    [
      'has no such option',
      '```\n./samog run --conf FILE  # all\n```\n',
      ['run --conf FILE: samog run has no option --conf'],
    ],
    ['has no such word', '`clear subscribers al`', []],
    ['has no such choice', '`samog simulate --faults some`', ['simulate --faults some: some is no --faults']],
    ['plays nothing', '`./samog lab failovers`', ['lab failovers: there is no lab failovers']],
    ['is there twice', '`samog user add|ad`', ['user ad: "ad" does not follow samog user']],
    ['is fine', '`samog show …` `show sockets | csv` `configure commit [confirmed MINUTES]`', []],
  ])('and that %s is found', (_what, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});

/** What every command that asks a gateway takes. */
const common = new Set(['--json', '--wide', '--yes', '--socket', '--remote', '--token-file', '--ca']);

/** Each command that can be carried out, and that is in the help of the one above it. */
function carriedOut(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((inner) => inner.name() !== 'help')
    .flatMap((inner) => {
      const words = [...path, inner.name()];
      const further = carriedOut(inner, words);
      const isOne = further.length === 0 || inner.registeredArguments.length > 0;
      return [...(isOne ? [{ path: words.join(' '), command: inner }] : []), ...further];
    });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

describe('the help', () => {
  const commands = carriedOut(samog);

  it('has a sentence for every command, and a meaning for each option', () => {
    expect(commands.length).toBeGreaterThan(70);
    expect(commands.filter(({ command }) => !/^\S.{9}/.test(command.description())).map(({ path }) => path)).toEqual(
      [],
    );
    const options = commands.flatMap(({ path, command }) => command.options.map((option) => ({ path, option })));
    expect(options.filter(({ option }) => option.description.length < 5)).toEqual([]);
  });

  it('has an example of every command that takes more than its words, and each can be written so', () => {
    const without = commands.filter(
      ({ path, command }) =>
        !helpOf(command).includes(`\n  samog ${path}`) &&
        (command.registeredArguments.some((argument) => argument.name() !== 'words') ||
          command.options.some(({ long }) => !common.has(long!))),
    );
    expect(without.map(({ path }) => path)).toEqual([]);
    const faults = Object.entries(examples).flatMap(([path, lines]) =>
      lines.flatMap((line) => (line.startsWith(path) ? faultsOf(`\`samog ${line}\``) : [`${path}: ${line}`])),
    );
    expect(faults).toEqual([]);
    const known = new Set(commands.map(({ path }) => path));
    expect(Object.keys(examples).filter((path) => !known.has(path))).toEqual(['show intercept audit']);
  });
});
