import { once } from 'node:events';
import { type ChaosOptions, chaosDefaults } from './chaos.ts';
import { namespaceWay, spawnInNamespace } from './own-namespace.ts';
import type { PairResult } from './pair-result.ts';

/** The result, or why there is none and what to do about it. */
export type PairPlayed =
  | { readonly ok: true; readonly result: PairResult }
  | { readonly ok: false; readonly what: string; readonly hint: string };

const script = new URL('./pair-main.ts', import.meta.url);

/**
 * Plays a scenario of a pair in a network namespace of its own. What its processes complain of goes to standard error.
 *
 * @param former the launcher of the release that both chassis begin as; undefined for this one
 */
export async function playPairScenario(
  name: string,
  former?: string,
  chaos: ChaosOptions = chaosDefaults,
): Promise<PairPlayed> {
  const way = namespaceWay();
  if (!way.ok) return way;
  const child = spawnInNamespace(way.command, script, [
    name,
    String(chaos.rounds),
    String(chaos.seed),
    ...(former === undefined ? [] : [former]),
  ]);
  let printed = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (exitCode === 0) return { ok: true, result: JSON.parse(printed) as PairResult };
  const end = signal === null ? `exit code ${exitCode}` : `by ${signal}`;
  return { ok: false, what: `its process ended without a result (${end})`, hint: 'what it complained of stands above' };
}
