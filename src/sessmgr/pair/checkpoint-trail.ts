import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { command } from '../../services/samog/checkpoints/commands.ts';
import type { MessageEvent } from '../../services/samog/event-names.ts';
import { type EventSink, keeping } from '../../services/samog/events.ts';
import type { NackReason } from '../../wire/srp/names.ts';

/** Checkpoints without an answer that are followed; of others the answer is not told. */
const followedMax = 1024;

interface Followed {
  /** Of the stream; 0 where it is not known and every acknowledgement is of it. */
  readonly sequence: number;
  readonly mac: MacAddress | undefined;
  readonly at: Instant;
  readonly what: string;
}

/** What is told of a checkpoint. */
export interface TrailCheckpoint {
  readonly cmdId: number;
  readonly mac: MacAddress | undefined;
  /** Of the stream; absent on a standby. */
  readonly sequence?: number;
}

/** What each checkpoint is to a reader. */
const descriptions: ReadonlyMap<number, string> = new Map([
  ...Object.values(command).map(
    ({ cmdId, name }) => [cmdId, `micro-checkpoint ${cmdId} ${name.replace(/^SESS_UCHKPT_CMD_/, '')}`] as const,
  ),
  [command.session.cmdId, 'full checkpoint'],
  [command.invalidate.cmdId, 'removal of the session'],
]);

/** What a UE uses goes to the standby all the time, and says nothing of what became of the UE. */
const isUsage: ReadonlySet<number> = new Set(
  [command.statistics, command.mediaStatistics, command.idleSeconds].map(({ cmdId }) => cmdId),
);

/** Written out: a name that is put together for each checkpoint is looked for by its letters wherever it is a key. */
const toldNames = {
  sent: { checkpoint: 'checkpoint-sent', removal: 'checkpoint-removal-sent' },
  received: { checkpoint: 'checkpoint-received', removal: 'checkpoint-removal-received' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MessageEvent>>>>;

/**
 * The checkpoints of sessions as events: what one chassis told the other of a subscriber as it happened, and what came back.
 * Told is what concerns one subscriber, not what concerns all: neither a synchronisation nor what UEs have used.
 */
export class CheckpointTrail {
  readonly #report: EventSink | undefined;
  readonly #other: 'standby' | 'active';
  readonly #followed: Followed[] = [];

  /** @param other the role of the chassis at the other end */
  constructor(report: EventSink | undefined, other: 'standby' | 'active') {
    this.#report = report;
    this.#other = other;
  }

  /** Whether there is anybody to be told. */
  get isHeard(): boolean {
    return this.#report !== undefined;
  }

  /** A checkpoint went to the standby, or came from the active and counts. */
  told({ cmdId, mac, sequence = 0 }: TrailCheckpoint, now: Instant): void {
    if (isUsage.has(cmdId)) return;
    const what = describe(cmdId);
    const isSent = this.#other === 'standby';
    const { checkpoint, removal } = isSent ? toldNames.sent : toldNames.received;
    const name = cmdId === command.invalidate.cmdId ? removal : checkpoint;
    if (!this.#tell(name, mac, isSent, now, () => what)) return;
    if (this.#followed.length < followedMax) this.#followed.push({ sequence, mac, at: now, what });
  }

  /** Everything up to this sequence has been acknowledged, but for what was refused. */
  acknowledged(sequence: number, now: Instant): void {
    let count = 0;
    for (const { sequence: one, mac, at, what } of this.#followed) {
      if (one > sequence) break;
      count += 1;
      const text = () => `${what}, after ${(now - at).toFixed(1)} ms`;
      this.#tell('checkpoint-acknowledged', mac, this.#other === 'active', now, text);
    }
    if (count > 0) this.#followed.splice(0, count);
  }

  /** The standby has refused a checkpoint: a NACK. */
  refused({ cmdId, mac, sequence }: TrailCheckpoint, reason: NackReason, now: Instant): void {
    const place = this.#followed.findIndex((one) => one.sequence === sequence);
    if (place >= 0) this.#followed.splice(place, 1);
    this.#tell('checkpoint-refused', mac, this.#other === 'active', now, () => `${describe(cmdId)}: ${reason}`);
  }

  /** There is no connection, or another epoch: what was not answered will not be. */
  broken(): void {
    this.#followed.length = 0;
  }

  #tell(name: MessageEvent, mac: MacAddress | undefined, isSent: boolean, now: Instant, text: () => string): boolean {
    const report = keeping(this.#report, name, now);
    const direction = isSent ? 'sent' : 'received';
    report?.({ name, mac, sessionId: undefined, peer: undefined, party: this.#other, direction, text });
    return report !== undefined;
  }
}

function describe(cmdId: number): string {
  return descriptions.get(cmdId) ?? `micro-checkpoint ${cmdId}`;
}
