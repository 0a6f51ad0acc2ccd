import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../host/clock.ts';
import type { Instant } from '../../kernel/instant.ts';
import { frameMessageOf } from '../observation.ts';
import type { BusyUe } from './pair-account.ts';
import type { PairLab } from './pair-lab.ts';
import type { InterruptedHandover } from './pair-result.ts';

export type HandoverTrigger = InterruptedHandover['trigger'];

/** What the gateway says to a UE that has moved to an RG: the gratuitous ARP of its router, or the ACK. */
const replies: Readonly<Record<HandoverTrigger, string>> = { data: 'ARP', 'dhcp-request': 'DHCPACK' };
/**
 * A radio that makes before it breaks: the UE hears the WLC until long after the switchover, so that a chassis which has
 * lost the new path shows it.
 */
const radioOverlapMs = 5000;
const replyLimitMs = 5000;
/** How long the next chassis has to send the UE a packet. */
const keptLimitMs = 5000;
/** What a killed chassis had sent may arrive so much later; the next one serves after the dead interval at the earliest. */
const inFlightMs = 100;
const pollMs = 2;

/** A UE with packets both ways on its way from the WLC to the RG, and a gateway that is killed as soon as it has replied. */
export class KilledDuringHandover {
  readonly #lab: PairLab;
  readonly #busy: BusyUe;
  readonly #trigger: HandoverTrigger;
  readonly #kill: () => void;
  #triggeredAt: Instant | undefined;
  #killedAt: Instant | undefined;
  /** Where the first packet came from after the kill. */
  #heardFrom: string | undefined;

  /**
   * Moves the UE. With `data` the next of its packets is the trigger.
   *
   * @param kill called in the moment in which the gateway's reply is heard
   */
  constructor(lab: PairLab, busy: BusyUe, trigger: HandoverTrigger, kill: () => void) {
    this.#lab = lab;
    this.#busy = busy;
    this.#trigger = trigger;
    this.#kill = kill;
    const { ue } = busy;
    ue.listener = { ...ue.listener, frame: (...heard) => this.#frame(...heard) };
    lab.move(ue, lab.rg, trigger === 'data' ? 'silent' : trigger, radioOverlapMs);
  }

  /** Resolves after the kill. @throws Error if the gateway never replies */
  async killed(): Promise<void> {
    const giveUpAt = now() + replyLimitMs;
    while (this.#killedAt === undefined) {
      if (now() > giveUpAt) throw new Error(`${this.#busy.ue.name} got no reply at ${this.#lab.rg.name}`);
      await sleep(pollMs);
    }
  }

  /** Waits for the next chassis's first packet to the UE, and has the UE send again. */
  async settled(): Promise<void> {
    const giveUpAt = now() + keptLimitMs;
    while (this.#heardFrom === undefined && now() < giveUpAt) await sleep(pollMs);
    this.#busy.traffic.uplinkHeld = false;
  }

  result(): InterruptedHandover {
    const { wlc, rg } = this.#lab;
    const elapsedMs = (this.#killedAt ?? Number.NaN) - (this.#triggeredAt ?? Number.NaN);
    return {
      from: `PMIPv6 ${wlc.name}`,
      to: `EoGRE ${rg.name}`,
      trigger: this.#trigger,
      killedAfterMs: Math.round(elapsedMs * 100) / 100,
      pathKept: this.#heardFrom === rg.name,
    };
  }

  #frame(direction: 'up' | 'down', accessPoint: string, frame: Uint8Array, at: Instant): void {
    const atRg = accessPoint === this.#lab.rg.name;
    if (direction === 'up') {
      if (atRg) this.#triggeredAt ??= at;
    } else if (this.#killedAt !== undefined) {
      if (at - this.#killedAt > inFlightMs) this.#heardFrom ??= accessPoint;
    } else if (atRg && frameMessageOf(frame)?.what === replies[this.#trigger]) {
      this.#kill();
      this.#killedAt = now();
      // Until the next chassis has shown where it has the UE, the UE is silent: its packets would move it again.
      this.#busy.traffic.uplinkHeld = true;
    }
  }
}
