import { useState } from 'preact/hooks';
import { captureOf } from '../../operations/capture/capture-file.ts';
import type { EventRow, EventsData } from '../../operations/views/events.ts';
import { get, holdsRole } from '../api.ts';
import { overview } from '../gateway-state.ts';

/** What the API gives at a time. */
const pageMax = 250;

/** Saves the messages of a subscriber that the gateway remembers, with its decisions as comments: as `samog capture` does. */
export function CaptureButton({ mac }: { mac: string }) {
  const [said, setSaid] = useState<string>();
  if (!holdsRole('operate')) return null;
  const save = async () => {
    setSaid('Gathering …');
    const events = await eventsOf(mac);
    if (typeof events === 'string') return setSaid(events);
    const packets = events.filter(({ message }) => message !== null).length;
    const about = `events of ${mac}, from the console of ${overview.value?.chassis ?? 'a gateway'}`;
    download(captureOf(events, 'samog', about), `${mac.replaceAll(':', '-')}.pcapng`);
    setSaid(`${packets} packets, ${events.length - packets} other events as comments.`);
  };
  return (
    <>
      <span role="status">{said}</span>
      <button type="button" onClick={() => void save()}>
        Capture
      </button>
    </>
  );
}

/** All that are remembered, oldest first; or why they cannot be had. */
async function eventsOf(mac: string): Promise<readonly EventRow[] | string> {
  const found: EventRow[] = [];
  for (let next = 0, end = Number.POSITIVE_INFINITY; ; ) {
    const query = { mac, after: String(next), limit: String(pageMax), octets: '' };
    const answer = await get<EventsData>('/v1/show/events', query);
    if (answer.kind === 'refused') return `${answer.refusal.what}. ${answer.refusal.hint}.`;
    if (answer.kind === 'unreachable') return 'The gateway does not answer.';
    const { events, total, next: after } = answer.data;
    found.push(...events);
    // What comes meanwhile is not waited for.
    end = Math.min(end, total);
    if (after >= end || after === next) return found;
    next = after;
  }
}

function download(octets: Uint8Array, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([new Uint8Array(octets)], { type: 'application/x-pcapng' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
