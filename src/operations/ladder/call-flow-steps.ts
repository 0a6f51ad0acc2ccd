import type { HandoffKind } from '../../services/samog/statistics.ts';
import type { LoggedEvent } from '../logged-event.ts';

/**
 * A step of one of the requirement's three call flows: table 1 is PMIPv6 to EoGRE triggered by DHCP, table 2 the same
 * triggered by data, table 3 EoGRE to PMIPv6 triggered by a PBU.
 */
export interface CallFlowStep {
  readonly table: 1 | 2 | 3;
  /** As the table numbers it, from 1. */
  readonly number: number;
}

type Table = CallFlowStep['table'];

/** What the tables are called; placed by their numbers, 1 first. */
export const callFlowTitles: readonly string[] = [
  'PMIPv6 to EoGRE, triggered by DHCP',
  'PMIPv6 to EoGRE, triggered by data',
  'EoGRE to PMIPv6, triggered by a PBU',
];

/** Steps by the events that show them. Where the gateway is no party (the UE moves, data flows) no event does. */
interface StepsOfTable {
  /** The session that moves later on. */
  readonly established: number;
  /** The message by which the UE's move is seen; undefined of data, which is no event. */
  readonly trigger: number | undefined;
  readonly switched: number;
  /** What follows the switch, by the names of events, until the last of them. */
  readonly after: readonly (readonly [name: string, number: number])[];
  /** BRI, BRA, and the end of the session at the WLC that was left. */
  readonly cleanup: Readonly<Record<string, number>>;
}

function cleanupFrom(first: number): Readonly<Record<string, number>> {
  return {
    'bindingRevocationIndication-sent': first,
    'bindingRevocationAcknowledgement-received': first + 1,
    'access-session-cleaned': first + 2,
  };
}

const tables: Readonly<Record<Table, StepsOfTable>> = {
  1: {
    ...{ established: 1, trigger: 4, switched: 5 },
    after: [
      ['dhcp-offer-sent', 6],
      ['dhcp-request-received', 8],
      ['dhcp-ack-sent', 9],
    ],
    cleanup: cleanupFrom(11),
  },
  2: { established: 1, trigger: undefined, switched: 5, after: [], cleanup: cleanupFrom(7) },
  3: {
    ...{ established: 1, trigger: 3, switched: 4 },
    after: [['proxyBindingAcknowledgement-sent', 5]],
    cleanup: {},
  },
};

const triggers: ReadonlySet<string> = new Set([
  'dhcp-discover-received',
  'dhcp-request-received',
  'proxyBindingUpdate-received',
]);
/** With these a message that might have begun a handover has turned out to be something else. */
const answers = /^(dhcp-.*|proxyBindingAcknowledgement)-sent$/;

/**
 * Which step of the requirement's call flows each event is; undefined for what is none, such as other handovers'.
 *
 * @param logged oldest first, of any subscribers. What began before the first of them may go without its number.
 */
export function callFlowSteps(logged: readonly LoggedEvent[]): (CallFlowStep | undefined)[] {
  const steps = new Array<CallFlowStep | undefined>(logged.length).fill(undefined);
  const followers = new Map<number, Follower>();
  logged.forEach((one, index) => {
    const { mac } = one.event;
    if (mac === undefined) return;
    let follower = followers.get(mac);
    if (follower === undefined) {
      follower = new Follower(steps);
      followers.set(mac, follower);
    }
    follower.follow(one, index);
  });
  return steps;
}

/** Follows the handovers of one subscriber. */
class Follower {
  readonly #steps: (CallFlowStep | undefined)[];
  /** Where the session was established that has not moved yet. */
  #established: number | undefined;
  /** Where a message is that may yet turn out to have begun a handover. */
  #trigger: number | undefined;
  #table: Table | undefined;
  #awaitsSwitch = false;
  /** How many of the table's `after` are over. */
  #after = 0;
  /** Whose revocation goes on: it outlasts its handover, and may outlast the UE's return to PMIPv6. */
  #cleanup: Table | undefined;

  constructor(steps: (CallFlowStep | undefined)[]) {
    this.#steps = steps;
  }

  follow({ event: { name, party, direction }, text }: LoggedEvent, index: number): void {
    if (name === 'session-established') return this.#begin(index);
    if (name === 'session-attempted' || name === 'session-ended') return this.#begin(undefined);
    if (name === 'handover-accepted') return this.#accept(text, index);
    if (name === 'path-switched') return this.#switch(index);
    const isAwaited = this.#goOn(name, index);
    if (answers.test(name)) this.#trigger = undefined;
    const isFromAccess = direction === 'received' && (party === 'rg' || party === 'wlc');
    if (!isAwaited && isFromAccess && triggers.has(name)) this.#trigger = index;
  }

  #begin(established: number | undefined): void {
    this.#established = established;
    this.#trigger = undefined;
    this.#table = undefined;
    this.#cleanup = undefined;
  }

  #accept(text: string, index: number): void {
    const table = tableOf(text, this.#trigger !== undefined);
    const trigger = this.#trigger;
    const established = this.#established;
    this.#table = table;
    this.#trigger = undefined;
    this.#established = undefined;
    this.#awaitsSwitch = true;
    this.#after = 0;
    if (table !== 3) this.#cleanup = table;
    if (table === undefined) return;
    if (established !== undefined) this.#mark(established, table, tables[table].established);
    if (trigger !== undefined) this.#mark(trigger, table, tables[table].trigger);
    this.#mark(index, table, tables[table].switched);
  }

  #switch(index: number): void {
    if (this.#awaitsSwitch && this.#table !== undefined) this.#mark(index, this.#table, tables[this.#table].switched);
    this.#awaitsSwitch = false;
  }

  /** Whether this is what a handover or its clean-up waits for. */
  #goOn(name: string, index: number): boolean {
    const revoked = this.#cleanup === undefined ? undefined : tables[this.#cleanup].cleanup[name];
    if (revoked !== undefined) {
      this.#mark(index, this.#cleanup, revoked);
      if (name === 'access-session-cleaned') this.#cleanup = undefined;
      return true;
    }
    if (this.#table === undefined) return false;
    const { after } = tables[this.#table];
    const place = after.findIndex(([awaited], at) => at >= this.#after && awaited === name);
    if (place < 0) return false;
    this.#mark(index, this.#table, after[place]![1]);
    this.#after = place + 1;
    return true;
  }

  #mark(index: number, table: Table | undefined, number: number | undefined): void {
    if (table !== undefined && number !== undefined) this.#steps[index] = { table, number };
  }
}

const kindOfTable = { eogre: 'pmip-to-eogre', pmip: 'eogre-to-pmip' } as const satisfies Record<string, HandoffKind>;

/** @param text of `handover-accepted`, which names the kind of the handover */
function tableOf(text: string, hasTrigger: boolean): Table | undefined {
  if (text.includes(kindOfTable.eogre)) return hasTrigger ? 1 : 2;
  return text.includes(kindOfTable.pmip) ? 3 : undefined;
}
