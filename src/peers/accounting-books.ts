import { find, type Tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { acctStatusType } from '../wire/radius/constants.ts';
import { findOctets } from '../wire/radius/octet-counters.ts';

/** What the newest record of an account says. */
export interface BookedAccount {
  readonly acctSessionId: string;
  readonly hasStarted: boolean;
  readonly hasStopped: boolean;
  /** Records, each counted once. */
  readonly records: number;
  /** Event-Timestamp of the newest record. */
  readonly second: number;
  readonly inputOctets: number;
  readonly outputOctets: number;
  readonly sessionSeconds: number;
  /** Acct-Terminate-Cause, once it has stopped. */
  readonly cause: number | undefined;
  /** Called-Station-Id of each record, in order. */
  readonly stations: readonly string[];
}

interface Entry extends BookedAccount {
  /** Kind and Event-Timestamp of each record: what tells a record from its repetition. */
  readonly seen: ReadonlySet<string>;
}

/**
 * The books of an AAA server that takes accounting (RFC 2866). A record that comes again, with the same Acct-Session-Id,
 * Acct-Status-Type and Event-Timestamp, is the same record.
 */
export class AccountingBooks {
  /** Accounting-On and -Off that have come. */
  readonly services: ('on' | 'off')[] = [];
  repeated = 0;
  readonly #accounts = new Map<string, Entry>();
  #wrong: string[] = [];

  accounts(): Iterable<BookedAccount> {
    return this.#accounts.values();
  }

  of(acctSessionId: string): BookedAccount | undefined {
    return this.#accounts.get(acctSessionId);
  }

  /** What was found wrong since it was called last: a second START or STOP, counters that went down. */
  takeWrong(): readonly string[] {
    return this.#wrong.splice(0);
  }

  /** Writes a record down. False if it is none: then there is no answer. */
  enter(attributes: readonly Tlv[]): boolean {
    const status = find(attributes, radiusAttribute.acctStatusType);
    const acctSessionId = find(attributes, radiusAttribute.acctSessionId);
    if (status === undefined || acctSessionId === undefined) return false;
    const { start, stop, interimUpdate, accountingOn, accountingOff } = acctStatusType;
    if (status === accountingOn || status === accountingOff) {
      this.services.push(status === accountingOn ? 'on' : 'off');
      return true;
    }
    if (status !== start && status !== stop && status !== interimUpdate) return false;
    this.#enter(status, acctSessionId, attributes);
    return true;
  }

  #enter(status: number, acctSessionId: string, attributes: readonly Tlv[]): void {
    const second = find(attributes, radiusAttribute.eventTimestamp) ?? 0;
    const before = this.#accounts.get(acctSessionId);
    const key = `${status} ${second}`;
    if (before?.seen.has(key) === true) {
      this.repeated += 1;
      return;
    }
    const seen = new Set(before?.seen).add(key);
    const isStop = status === acctStatusType.stop;
    const isStart = status === acctStatusType.start;
    if (isStart && before?.hasStarted === true) this.#wrong.push(`account ${acctSessionId} begins a second time`);
    if (isStop && before?.hasStopped === true) this.#wrong.push(`account ${acctSessionId} ends a second time`);
    if (!isStart && before?.hasStarted !== true) this.#wrong.push(`account ${acctSessionId} has not begun`);
    const record = {
      second,
      inputOctets: findOctets(attributes, 'input') ?? 0,
      outputOctets: findOctets(attributes, 'output') ?? 0,
      sessionSeconds: find(attributes, radiusAttribute.acctSessionTime) ?? 0,
    };
    // One that was overtaken on the way says what was true before.
    const [older, newer] = before === undefined || second >= before.second ? [before, record] : [record, before];
    for (const field of ['inputOctets', 'outputOctets', 'sessionSeconds'] as const) {
      const was = older?.[field] ?? 0;
      if (newer[field] < was)
        this.#wrong.push(`${field} of ${acctSessionId} went down, from ${was} to ${newer[field]}`);
    }
    const { inputOctets, outputOctets, sessionSeconds } = newer;
    this.#accounts.set(acctSessionId, {
      acctSessionId,
      hasStarted: isStart || before?.hasStarted === true,
      hasStopped: isStop || before?.hasStopped === true,
      records: seen.size,
      ...{ second: newer.second, inputOctets, outputOctets, sessionSeconds },
      cause: isStop ? find(attributes, radiusAttribute.acctTerminateCause) : before?.cause,
      stations: [...(before?.stations ?? []), find(attributes, radiusAttribute.calledStationId) ?? ''],
      seen,
    });
  }
}
