import { parseIp, parseMac } from '../../kernel/address.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { compileFilter, type FilterProblem } from '../filter/filter.ts';
import { type Ladder, ladderOf } from '../ladder/ladder.ts';
import type { LoggedEvent } from '../logged-event.ts';
import type { EventRow } from '../views/events.ts';
import { type KnownBeside, type MonitorData, type MonitorFigures, monitorDataOf } from '../views/monitor.ts';
import { eventFields } from './event-fields.ts';
import { SubscriberBoard } from './subscriber-board.ts';

/** An event of the API, or of a capture file, as the log had it; its instants are milliseconds since 1970. */
function loggedOf({ number, epochMs, text, name, mac, peer, party, direction }: EventRow): LoggedEvent {
  return {
    number,
    at: epochMs,
    text,
    event: {
      name: name as EventName,
      mac: mac === null ? undefined : parseMac(mac),
      sessionId: undefined,
      peer: peer === null ? undefined : parseIp(peer),
      party: party as SamogEvent['party'],
      direction: direction as SamogEvent['direction'],
    },
  };
}

/** @param events oldest first */
export function ladderOfRows(events: readonly EventRow[]): Ladder {
  return ladderOf(events.map(loggedOf), { now: 0, wallClock: 0 });
}

/** A file has events alone. */
const nothingBeside: KnownBeside = { profileOf: () => undefined, sessionOf: () => undefined };

type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: FilterProblem };

/** Events of a capture file as the gateway would have shown them at the moment of the last one. */
export class RecordedEvents {
  readonly #events: readonly EventRow[];
  readonly #board = new SubscriberBoard();
  readonly #endMs: number;

  /** @param events oldest first */
  constructor(events: readonly EventRow[]) {
    this.#events = events;
    this.#endMs = events.at(-1)?.epochMs ?? 0;
    for (const event of events) this.#board.add(loggedOf(event));
  }

  get figures(): MonitorFigures {
    const { length } = this.#events;
    return { total: length, kept: length, keptMax: length, dropped: 0 };
  }

  /** As `show monitor`. */
  subscribers(filter: string, limit: number): Outcome<MonitorData> {
    const at = { now: this.#endMs, wallClock: this.#endMs };
    return monitorDataOf(this.#board, filter, limit, at, nothingBeside, this.figures);
  }

  /** As `show events`; undefined of `mac` for all. */
  events(mac: string | undefined, filter: string): Outcome<readonly EventRow[]> {
    const read = compileFilter(filter, eventFields({ now: this.#endMs, wallClock: this.#endMs }));
    if (!read.ok) return read;
    const found = this.#events.filter((event) => mac === undefined || event.mac === mac);
    return { ok: true, value: found.filter((event) => read.filter.matches(loggedOf(event))) };
  }
}
