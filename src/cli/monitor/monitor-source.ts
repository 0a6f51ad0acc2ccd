import { readFileSync } from 'node:fs';
import { apiOperations, viewOperation } from '../../operations/api/operations.ts';
import { eventsOfCapture } from '../../operations/capture/read-capture.ts';
import { timeToConfirm } from '../../operations/configuration/reader.ts';
import { explanationLines, type SubscriberExplanation } from '../../operations/explain/explain-subscriber.ts';
import type { FilterProblem } from '../../operations/filter/filter.ts';
import type { Health } from '../../operations/health.ts';
import { RecordedEvents } from '../../operations/monitor/event-rows.ts';
import { eventsOfBundle } from '../../operations/support/read-bundle.ts';
import type { EventRow } from '../../operations/views/events.ts';
import { type MonitorData, type MonitorFigures, monitor as monitorView } from '../../operations/views/monitor.ts';
import { ask, type GatewayOptions } from '../ask.ts';
import { gatherEvents } from '../capture.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { codeOf } from '../new-file.ts';
import { pathLines } from './path-lines.ts';

/** Where a monitor has its events from. Whatever it cannot give it says by a CommandError. */
export interface MonitorSource {
  /** What it is, for the first row: `samog-1 [Active]`. */
  title(): Promise<string>;
  subscribers(filter: string): Promise<MonitorData>;
  /** Events after a number, and the number to go on from. */
  events(mac: string | undefined, filter: string, after: number): Promise<EventsAfter>;
  explain(mac: string): Promise<readonly string[]>;
  /** What packets and a check say of its tunnels: whether long packets get through. Takes some seconds. */
  paths(mac: string): Promise<readonly string[]>;
}

export interface EventsAfter {
  readonly events: readonly EventRow[];
  readonly next: number;
  readonly figures: MonitorFigures;
  /** They are all that there are: what came before is of another run of the gateway. */
  readonly restarted: boolean;
}

const subscribersMax = 200;
const notInFile = 'A file does not know what is so now: ask a gateway.';
const show = viewOperation(monitorView);

/** A running gateway, active or standby. */
export function gatewaySource(options: GatewayOptions): MonitorSource {
  return {
    async title() {
      const { chassis, role, alarms, unconfirmed } = (await ask(options, apiOperations.health)) as Health;
      const standing = alarms.length === 0 ? '' : ` ${alarms.length} alarms`;
      const confirm = unconfirmed == null ? '' : ` confirm in ${timeToConfirm(unconfirmed)}`;
      return `${chassis}${role === null ? '' : ` [${role}]`}${standing}${confirm}`;
    },
    async subscribers(filter) {
      const query = { limit: String(subscribersMax), ...(filter === '' ? {} : { filter }) };
      return (await ask(options, show, { query })) as MonitorData;
    },
    events: (mac, filter, after) =>
      gatherEvents(options, { ...(mac === undefined ? {} : { mac }), ...(filter === '' ? {} : { filter }) }, after),
    async explain(mac) {
      const explained = (await ask(options, apiOperations.explainSubscriber, {
        query: { mac },
      })) as SubscriberExplanation;
      return explanationLines(explained);
    },
    paths: (mac) => pathLines(options, mac),
  };
}

/**
 * A capture file that `samog capture` or a monitor has written, or a support bundle.
 *
 * @throws CommandError if it cannot be read
 */
export function fileSource(file: string): MonitorSource {
  const { about, events } = readCapture(file);
  const recorded = new RecordedEvents(events);
  return {
    title: async () => `${file}: ${about}`,
    subscribers: async (filter) => orRefused(recorded.subscribers(filter, subscribersMax)),
    events: async (mac, filter, after) => {
      // A file has no more than it has.
      const all = after > 0 ? [] : orRefused(recorded.events(mac, filter));
      return { events: all, next: Number.MAX_SAFE_INTEGER, figures: recorded.figures, restarted: false };
    },
    explain: async () => [notInFile],
    paths: async () => [notInFile],
  };
}

function readCapture(file: string): NonNullable<ReturnType<typeof eventsOfBundle>> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new CommandError(exitCode.refused, `cannot read ${file}: ${codeOf(error)}`, 'name a capture file');
  }
  const read = eventsOfCapture(bytes) ?? eventsOfBundle(new TextDecoder().decode(bytes));
  if (read !== undefined) return read;
  const hint = 'name one that samog capture or samog tech-support has written';
  throw new CommandError(exitCode.refused, `${file} is neither a pcapng file nor a support bundle`, hint);
}

function orRefused<Value>(
  outcome: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: FilterProblem },
): Value {
  if (outcome.ok) return outcome.value;
  const { column, what, hint } = outcome.problem;
  throw new CommandError(exitCode.usage, `filter, column ${column}: ${what}`, hint);
}
