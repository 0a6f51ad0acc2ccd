import type { Finding } from './finding.ts';

/** What was found out about the way to an access node or an LMA. */
export interface PathFacts {
  readonly address: string;
  /** The setting that says how long packets toward it may be. */
  readonly setting: 'cgw-service.access.mtu' | 'cgw-service.s2a.mtu';
  /** Its value, in octets. */
  readonly mtu: number;
  /** The longest packet that came back; undefined if none did. */
  readonly passes: number | undefined;
}

/** Every network carries this much (RFC 791 section 3.1 asks hosts to take it). */
export const pathOctetsMin = 576;

/** A size that does not pass is waited for: several at once are found sooner. */
const triedAtOnce = 7;

/**
 * The longest packet that passes, between bounds that are included; undefined if not even the shortest does.
 *
 * @param passes whether one of so many octets does; each answer is taken for one that does not change
 */
export async function longestPassing(
  passes: (octets: number) => Promise<boolean>,
  least: number,
  most: number,
): Promise<number | undefined> {
  if (await passes(most)) return most;
  if (!(await passes(least))) return undefined;
  let [good, bad] = [least, most];
  while (bad - good > 1) {
    const sizes = between(good, bad);
    const answers = await Promise.all(sizes.map(passes));
    const lost = answers.indexOf(false);
    if (lost > 0) good = sizes[lost - 1]!;
    if (lost < 0) good = sizes.at(-1)!;
    if (lost >= 0) bad = sizes[lost]!;
  }
  return good;
}

/** Sizes that part what lies between two into equal parts. */
function between(good: number, bad: number): number[] {
  const parts = Math.min(triedAtOnce + 1, bad - good);
  return Array.from({ length: parts - 1 }, (_, index) => good + Math.floor(((bad - good) * (index + 1)) / parts));
}

/** Whether packets as long as the configuration says reach it. */
export function pathFinding({ address, setting, mtu, passes }: PathFacts): Finding {
  const check = `path to ${address}`;
  if (passes === undefined) {
    return {
      check,
      verdict: 'unknown',
      found: 'it answers no ping, not even a short one',
      advice: 'let it answer ICMP Echo, or send from it: ping -M do -s 1472 GATEWAY tests 1500 octets',
    };
  }
  if (passes >= mtu) return { check, verdict: 'ok', found: `${mtu} octets pass`, advice: null };
  return {
    check,
    verdict: 'fault',
    found: `only ${passes} octets pass, and ${setting} is ${mtu}: long packets of its UEs are lost on the way, short ones are not`,
    advice: `set ${setting} to ${passes}, or let the network between carry ${mtu}`,
  };
}
