import { createInterface } from 'node:readline';
import { groupSummaries } from '../../operations/commands/table.ts';
import { complete, helpLines } from '../../operations/shell/complete.ts';
import { tokenize } from '../../operations/shell/tokens.ts';
import type { GatewayOptions } from '../ask.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { complain, printLines } from '../output.ts';
import { runLine, shellCommandsFor } from './line-runner.ts';
import { liveValuesOf } from './live-values.ts';
import { rolesAt } from './roles-at.ts';

/**
 * Carries out lines that nobody types: words are not cut short, nobody is asked, nothing is paged. A line that ends in `?` is answered
 * with what may come next. All of them are carried out; returns the exit code of the first that failed.
 */
export async function runBatch(
  lines: AsyncIterable<string> | Iterable<string>,
  options: GatewayOptions & { readonly yes: boolean },
): Promise<number> {
  let worst: number = exitCode.done;
  const commands = shellCommandsFor(await rolesAt(options));
  const live = liveValuesOf(options);
  for await (const line of lines) {
    try {
      const asked = beforeQuestionMark(line);
      if (asked !== undefined) {
        printLines(helpLines(await complete(commands, groupSummaries, asked, live)));
        continue;
      }
      const result = await runLine(line, { ...options, abbreviations: false, history: [], commands });
      if (result.lines.length > 0) printLines(result.lines);
      if (worst === exitCode.done) worst = result.exitCode;
      if (result.leave) break;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      complain(`samog: ${error.message}`);
      if (worst === exitCode.done) worst = error.exitCode;
    }
  }
  return worst;
}

/** What stands before a `?` that ends a line, as a word of its own or behind the beginning of one; undefined without. */
function beforeQuestionMark(line: string): string | undefined {
  const before = /^(.*)\?\s*$/s.exec(line)?.[1];
  return before === undefined || before.trimStart().startsWith('#') || tokenize(before).openQuote ? undefined : before;
}

/** The lines of standard input, which is read from when they are asked for: what comes before that nobody would hear. */
export async function* inputLines(): AsyncGenerator<string> {
  yield* createInterface({ input: process.stdin, terminal: false });
}
