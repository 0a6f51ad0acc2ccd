import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { program } from '../../src/cli/program.ts';
import { localCommands } from '../../src/cli/shell/local-commands.ts';
import { operatorCommands } from '../../src/operations/commands/table.ts';
import { goldens } from './golden.ts';

/** What scripts hold on to: of each text and each command of the last release, its labels. */
export type Labels = Readonly<Record<string, readonly string[]>>;

/** Sentences of a catalogue, of which each may be written better. */
const withoutLabels: ReadonlySet<string> = new Set(['show-events-catalogue.txt']);

/** The goldens' labels by the name of their text, and the options of all commands by their words. */
export function labelsNow(): Labels {
  const texts = readdirSync(goldens).filter((name) => /^show-.*\.txt$/.test(name) && !withoutLabels.has(name));
  const ofTexts = texts.map((name) => [name.slice(0, -4), labelsOf(readFileSync(new URL(name, goldens), 'utf8'))]);
  return Object.fromEntries([...ofTexts, ...optionsOfCommands()]) as Labels;
}

/** The left-hand words of `Label: value`, one or two on a line, and the headings of columns. */
export function labelsOf(text: string): string[] {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/ {2,}/);
    const [first] = cells.map((cell) => /^([A-Z][^:]*|[a-z]+):(?: |$)/.exec(cell)?.[1]);
    if (first !== undefined) {
      found.add(first);
      for (const cell of cells.slice(1)) {
        const second = /^([A-Z][^:]*):(?: +\d+)?$/.exec(cell)?.[1];
        if (second !== undefined) found.add(second);
      }
    } else if (cells.length > 1 && cells.every((cell) => /^[A-Z][A-Za-z0-9/ -]*$/.test(cell))) {
      for (const heading of cells) found.add(heading);
    }
  }
  return [...found].sort();
}

function optionsOfCommands(): [string, string[]][] {
  const spoken = [...operatorCommands, ...localCommands].map(
    ({ words, options }) => [words.join(' '), options.map(({ name }) => name)] as const,
  );
  const typed = commandsBelow(program(() => {})).map(
    ([words, { options }]) => [words.join(' '), options.map(({ flags }) => flags.split(/[ ,]/)[0]!)] as const,
  );
  // Of those that are written with and without dashes the one without.
  const all = new Map<string, Set<string>>();
  for (const [command, options] of [...spoken, ...typed]) {
    const name = `samog ${command}`;
    all.set(name, new Set([...(all.get(name) ?? []), ...options]));
  }
  return [...all]
    .map(
      ([name, options]) =>
        [
          name,
          [...options].filter((option) => !options.has(option.replace(/^--/, '')) || !option.startsWith('--')).sort(),
        ] as [string, string[]],
    )
    .sort();
}

function commandsBelow(above: Command, words: readonly string[] = []): [string[], Command][] {
  return above.commands.flatMap((command) => {
    const own = [...words, command.name()];
    return [[own, command] as [string[], Command], ...commandsBelow(command, own)];
  });
}

/** A line each: what has them, and they, apart by ` | `. */
export function writtenLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([of, found]) => `${[of, ...found].join(' | ')}\n`)
    .join('');
}

export function readLabels(text: string): Labels {
  const lines = text.trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' | ')).map(([of, ...labels]) => [of!, labels]));
}

/** What there was and is no longer: `show-alarms: Taken By`; a text or command that is gone altogether by its name alone. */
export function missingLabels(agreed: Labels, now: Labels): { readonly of: string; readonly label: string }[] {
  return Object.entries(agreed).flatMap(([of, labels]) => {
    const there = now[of];
    if (there === undefined) return [{ of, label: of }];
    return labels.filter((label) => !there.includes(label)).map((label) => ({ of, label }));
  });
}

/** What the part of a changelog that is not released yet names in backquotes. */
export function namedInUnreleased(changelog: string): ReadonlySet<string> {
  const [, unreleased = ''] = /^## Unreleased$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog) ?? [];
  return new Set([...unreleased.matchAll(/`([^`]+)`/g)].map(([, name]) => name!.replaceAll(/\s+/g, ' ')));
}
