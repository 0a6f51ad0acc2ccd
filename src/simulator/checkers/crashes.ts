import { formatMac } from '../../kernel/address.ts';
import type { Checker, Observed } from './checker.ts';

/** A session that had to be given up because of a bug of ours is one too many. */
export class CrashesChecker implements Checker {
  readonly name = 'crashes';
  #reported = 0;

  check({ manager }: Observed): readonly string[] {
    const crashed = manager.counters.get('session.crashed');
    if (crashed === this.#reported) return [];
    this.#reported = crashed;
    return manager.crashes.map(
      ({ mac, event, message }) =>
        `${mac === undefined ? 'a session manager' : formatMac(mac)} crashed on ${event}: ${message}`,
    );
  }
}
