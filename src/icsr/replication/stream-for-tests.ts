/** Both ends of a stream with a service on each, over a link that loses, doubles, reorders and breaks: for tests. */
import { type Instant, never } from '../../kernel/instant.ts';
import type { SeededRandom } from '../../kernel/random.ts';
import { setU32, u32At } from '../../wire/bytes/reader.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import { CallRecoveryRecords, callRecoveryDefaults } from './call-recovery-records.ts';
import {
  type ApplyResult,
  type ReceiverMessage,
  type RecordApplier,
  ReplicationReceiver,
  receiverDefaults,
  type SenderMessage,
} from './replication-receiver.ts';
import { ReplicationSender } from './replication-sender.ts';
import { type CheckpointSource, type InstanceRecord, type SenderConfig, senderDefaults } from './sender-config.ts';

/** Facts of a test session: each micro-checkpoint changes one. */
export const factKinds = [
  checkpoints.accessSwitch.address,
  checkpoints.sessionStatistics.address,
  checkpoints.reauthentication.address,
] as const;

/** A session of a service that knows three numbers of it. */
export interface TestSession {
  revision: number;
  readonly facts: number[];
}

interface ActiveSession extends TestSession {
  readonly since: Instant;
}

/** Four octets for each fact. */
export function encodeFacts(session: TestSession): Uint8Array {
  const bytes = new Uint8Array(4 * factKinds.length);
  session.facts.forEach((fact, index) => {
    setU32(bytes, 4 * index, fact);
  });
  return bytes;
}

/** One fact in four octets. */
export function encodeFact(fact: number): Uint8Array {
  const bytes = new Uint8Array(4);
  setU32(bytes, 0, fact);
  return bytes;
}

function momentOf(callId: number, { revision, facts }: TestSession): string {
  return [callId, revision, ...facts].join();
}

/** The service on the active. Remembers what each session was at each of its revisions. */
export class ActiveService implements CheckpointSource {
  readonly sessions = new Map<number, ActiveSession>();
  readonly #history = new Set<string>();

  encode(callId: number): { payload: Uint8Array; revision: number } | undefined {
    const session = this.sessions.get(callId);
    return session && { payload: encodeFacts(session), revision: session.revision };
  }

  instanceRecords(): readonly InstanceRecord[] {
    return [{ address: checkpoints.serviceIdMapping.address, payload: encodeFact(7) }];
  }

  changed(callId: number): TestSession {
    const session = this.sessions.get(callId)!;
    session.revision += 1;
    this.#history.add(momentOf(callId, session));
    return session;
  }

  /** Whether the session ever was exactly so. */
  wasOnce(callId: number, session: TestSession): boolean {
    return this.#history.has(momentOf(callId, session));
  }
}

/** The service on the standby: applies, and refuses with a probability what it should apply. */
export class StandbyService implements RecordApplier {
  readonly sessions = new Map<number, TestSession>();
  readonly #random: SeededRandom;
  /** Sessions of which something was refused since their last full checkpoint. */
  readonly incomplete = new Set<number>();
  refusals = 0;
  /** What becomes of the next records of the instance level. */
  readonly instanceResults: ApplyResult[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  full(callId: number, payload: Uint8Array, revision: number): ApplyResult {
    if (this.#random.chance(this.refusals)) {
      if (this.sessions.has(callId)) this.incomplete.add(callId);
      return 'malformed';
    }
    this.incomplete.delete(callId);
    this.sessions.set(callId, { revision, facts: factKinds.map((_, index) => u32At(payload, 4 * index)) });
    return 'applied';
  }

  micro(callId: number, record: StreamRecord): ApplyResult {
    if (this.#random.chance(this.refusals)) {
      this.incomplete.add(callId);
      return 'unknown-object';
    }
    const session = this.sessions.get(callId)!;
    const index = factKinds.findIndex(({ cmdId }) => cmdId === record.cmdId);
    session.facts[index] = u32At(record.payload, 0);
    session.revision = record.revision;
    return 'applied';
  }

  remove(callId: number): void {
    this.sessions.delete(callId);
    this.incomplete.delete(callId);
  }

  instanceLevel(): ApplyResult {
    return this.instanceResults.shift() ?? 'applied';
  }

  isDelete(record: StreamRecord): boolean {
    return record.cmdId === checkpoints.deletePdn.address.cmdId;
  }
}

export interface LinkFaults {
  readonly loss: number;
  readonly duplication: number;
  readonly delayMaxMs: number;
}

export const noFaults: LinkFaults = { loss: 0, duplication: 0, delayMaxMs: 0 };

/** One direction of a connection. */
class Link<Message> {
  readonly #random: SeededRandom;
  #waiting: { readonly at: Instant; readonly message: Message }[] = [];
  faults: LinkFaults = noFaults;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  send(message: Message, now: Instant): void {
    const { loss, duplication, delayMaxMs } = this.faults;
    if (this.#random.chance(loss)) return;
    const copies = this.#random.chance(duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#waiting.push({ at: now + 0.1 + (delayMaxMs === 0 ? 0 : this.#random.below(delayMaxMs)), message });
    }
  }

  takeDue(now: Instant): Message[] {
    const due = this.#waiting.filter(({ at }) => at <= now);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ at }) => at > now);
    return due.sort((a, b) => a.at - b.at).map(({ message }) => message);
  }

  nextDeadline(): Instant {
    return this.#waiting.reduce((next, { at }) => Math.min(next, at), never);
  }

  cut(): void {
    this.#waiting = [];
  }
}

/** Two ends, a link, a clock. */
export class StreamWorld {
  readonly random: SeededRandom;
  readonly active = new ActiveService();
  readonly down: Link<SenderMessage>;
  readonly up: Link<ReceiverMessage>;
  readonly config: SenderConfig;
  now: Instant = 0;
  isConnected = false;
  standby: StandbyService;
  records: CallRecoveryRecords;
  sender: ReplicationSender;
  receiver: ReplicationReceiver;

  constructor(random: SeededRandom, config: Partial<SenderConfig> = {}) {
    this.random = random;
    this.config = { ...senderDefaults, instance: 1, buckets: 16, ...config };
    this.down = new Link(random);
    this.up = new Link(random);
    this.standby = new StandbyService(random);
    this.records = this.#newRecords();
    this.sender = this.#newSender();
    this.receiver = this.#newReceiver();
  }

  connect(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.sender.connected(this.now);
    this.receiver.connected(this.now);
  }

  disconnect(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.down.cut();
    this.up.cut();
    this.sender.disconnected(this.now);
    this.receiver.disconnected();
  }

  /** The standby's process dies, and another one starts with nothing. */
  crashReceiver(): void {
    this.disconnect();
    this.standby = new StandbyService(this.random);
    this.records = this.#newRecords();
    this.receiver = this.#newReceiver();
  }

  /** The active's process dies, and another one starts with its sessions as it had stored them. */
  crashSender(): void {
    this.disconnect();
    this.sender = this.#newSender();
    for (const [callId, { since }] of this.active.sessions) this.sender.present(callId, since);
  }

  setFaults(faults: LinkFaults): void {
    this.down.faults = faults;
    this.up.faults = faults;
  }

  /** Everything that happens until then, in order; `afterEach` sees each moment at which something did. */
  runUntil(end: Instant, afterEach: () => void = () => {}): void {
    for (;;) {
      const next = Math.min(
        this.down.nextDeadline(),
        this.up.nextDeadline(),
        this.sender.nextDeadline(),
        this.receiver.nextDeadline(),
      );
      if (next > end) break;
      this.now = Math.max(this.now, next);
      for (const message of this.down.takeDue(this.now)) this.receiver.receive(message, this.now);
      for (const message of this.up.takeDue(this.now)) this.sender.receive(message, this.now);
      this.sender.advance(this.now);
      this.receiver.advance(this.now);
      afterEach();
    }
    this.now = Math.max(this.now, end);
  }

  create(callId: number): number {
    this.active.sessions.set(callId, { revision: 0, facts: factKinds.map(() => this.random.u32()), since: this.now });
    const session = this.active.changed(callId);
    return this.sender.full(callId, encodeFacts(session), session.revision, this.now);
  }

  change(callId: number): number {
    const index = this.random.below(factKinds.length);
    this.active.sessions.get(callId)!.facts[index] = this.random.u32();
    const session = this.active.changed(callId);
    const payload = encodeFact(session.facts[index]!);
    const sequence = this.sender.micro(callId, factKinds[index]!, payload, session.revision, this.now);
    this.sender.told(this.now);
    return sequence;
  }

  remove(callId: number): number {
    this.active.sessions.delete(callId);
    return this.sender.remove(callId, new Uint8Array(0), this.now);
  }

  /** The session as the standby would resume it, at the revision of its record. */
  resumed(callId: number): TestSession | undefined {
    const row = this.records.find(callId);
    const session = this.standby.sessions.get(callId);
    return row === undefined || session === undefined
      ? undefined
      : { revision: this.records.revision(row), facts: session.facts };
  }

  #newRecords(): CallRecoveryRecords {
    return new CallRecoveryRecords({ ...callRecoveryDefaults, buckets: this.config.buckets });
  }

  #newSender(): ReplicationSender {
    const send = (message: SenderMessage) => {
      if (this.isConnected) this.down.send(message, this.now);
    };
    return new ReplicationSender(this.config, { source: this.active, send });
  }

  #newReceiver(): ReplicationReceiver {
    const { records, standby: applier } = this;
    const send = (message: ReceiverMessage) => {
      if (this.isConnected) this.up.send(message, this.now);
    };
    return new ReplicationReceiver({ ...receiverDefaults, instance: 1 }, { records, applier, send });
  }
}
