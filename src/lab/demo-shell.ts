import { createInterface } from 'node:readline';
import { now, wallClock } from '../host/clock.ts';
import { checkArguments } from '../operations/views/arguments.ts';
import { views } from '../operations/views/registry.ts';
import { type View, type ViewSource, viewed } from '../operations/views/view.ts';
import { labCommand } from './lab-command.ts';

const helpLines = [
  'commands:',
  '  show …          what the gateway does, for example: show samog-service statistics',
  '                  show subscribers samog-only full · show bulkstats · show events · show sockets',
  '  lab --list      the scenarios',
  '  lab SCENARIO    plays one in a lab of its own',
  '  help, quit',
];

/**
 * Takes commands from standard input until `quit`, Ctrl-C or SIGTERM. On a terminal its end (Ctrl-D) quits too; where
 * nobody types, the gateway stays up.
 */
export function takeCommands(source: ViewSource, print: (lines: readonly string[]) => void): Promise<void> {
  const terminal = process.stdin.isTTY === true;
  const shell = createInterface({ input: process.stdin, output: process.stdout, terminal, prompt: 'samog> ' });
  const stayingAlive = setInterval(() => {}, 3_600_000);
  return new Promise((resolve) => {
    const quit = (): void => {
      clearInterval(stayingAlive);
      shell.close();
      process.off('SIGINT', quit);
      process.off('SIGTERM', quit);
      resolve();
    };
    process.on('SIGINT', quit);
    process.on('SIGTERM', quit);
    shell.on('SIGINT', quit);
    shell.on('close', () => {
      if (terminal) quit();
    });
    // One command after the other: a scenario takes a while.
    let last = Promise.resolve();
    shell.on('line', (line) => {
      last = last.then(async () => {
        if (/^(quit|exit)$/.test(line.trim())) return quit();
        print(await obey(line.trim(), source));
        if (terminal) shell.prompt();
      });
    });
    if (terminal) shell.prompt();
  });
}

async function obey(line: string, source: ViewSource): Promise<readonly string[]> {
  const [command = '', ...words] = line.split(/\s+/);
  switch (command) {
    case '':
      return [];
    case 'help':
      return helpLines;
    case 'show':
      return showLines(words, source);
    case 'lab':
      await labCommand({
        scenario: words.find((word) => !word.startsWith('--')),
        list: words.includes('--list'),
        json: words.includes('--json'),
      });
      return [];
    default:
      return [`there is no command ${command}`, ...helpLines];
  }
}

/** What `show WORDS` prints; the longest view whose words these begin with, then its options. */
export async function showLines(words: readonly string[], source: ViewSource): Promise<readonly string[]> {
  const view = views
    .filter((candidate) => candidate.words.every((word, index) => words[index] === word))
    .sort((left, right) => right.words.length - left.words.length)[0];
  if (view === undefined) return ['show what? There are:', ...views.map((each) => `  show ${each.words.join(' ')}`)];
  const checked = checkArguments(view, argumentsOf(view, words.slice(view.words.length)));
  const moment = () => ({ now: now(), wallClock: wallClock() });
  const outcome = checked.ok ? await viewed(view, source, moment, checked.value) : checked;
  return outcome.ok ? view.render(outcome.data) : [outcome.refusal.what, `  ${outcome.refusal.hint}`];
}

/** `full mac ADDRESS` as options by name; words that are none are left for `checkArguments` to refuse. */
function argumentsOf(view: View, words: readonly string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 1) {
    const name = words[index]!.replace(/^--/, '');
    const takesValue = view.options.find((option) => option.name === name)?.value !== undefined;
    given[name] = takesValue ? (words[index + 1] ?? '') : '';
    if (takesValue) index += 1;
  }
  return given;
}
