import type { ChassisEvent } from '../services/samog/event-names.ts';
import type { EventSink } from '../services/samog/events.ts';

/** An event of the gateway itself, which concerns no session and no peer. */
export function tellEvent(report: EventSink | undefined, name: ChassisEvent, text: string): void {
  const nobody = { mac: undefined, sessionId: undefined, peer: undefined } as const;
  report?.({ name, ...nobody, party: 'samog', direction: 'internal', text: () => text });
}
