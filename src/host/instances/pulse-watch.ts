import type { Instant } from '../../kernel/instant.ts';

/** How often the pulses are looked at. */
export const watchMs = 500;
/** Looks on end at which a thread showed no sign of life: then it has come to a stop. */
const silentLooksMax = 6;
/** A look that is later than this was held up itself, and says nothing of others. */
const lateMs = 3 * watchMs;

/** Finds threads that have come to a stop, such as by an endless loop, by a number that each of them raises while it runs. */
export class PulseWatch {
  readonly #members: { pulse: number; silentLooks: number }[];
  #lookedAt: Instant;

  constructor(count: number, now: Instant) {
    this.#members = Array.from({ length: count }, () => ({ pulse: Number.NaN, silentLooks: 0 }));
    this.#lookedAt = now;
  }

  /**
   * The places of those that have come to a stop.
   *
   * @param pulses of each; undefined for one that cannot show any at present
   */
  look(pulses: readonly (number | undefined)[], now: Instant): number[] {
    const wasLate = now > this.#lookedAt + lateMs;
    this.#lookedAt = now;
    return pulses.flatMap((pulse, index) => {
      const member = this.#members[index]!;
      const isSilent = pulse !== undefined && pulse === member.pulse && !wasLate;
      member.pulse = pulse ?? Number.NaN;
      member.silentLooks = isSilent ? member.silentLooks + 1 : 0;
      return member.silentLooks >= silentLooksMax ? index : [];
    });
  }
}
