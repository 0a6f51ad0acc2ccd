import type { EventName } from '../../services/samog/event-names.ts';
import { toHex } from '../../wire/bytes/text.ts';
import { decodeCapture } from '../../wire/pcapng/pcapng.ts';
import { eventKinds } from '../catalogue/event-catalogue.ts';
import { rungKindOf } from '../rung-kind.ts';
import type { EventRow } from '../views/events.ts';
import { legNames } from './capture-file.ts';

/** As `captureOf` writes it. */
const commentForm =
  /^([a-zA-Z0-9-]+): (.*) \[#(\d{1,15}) (\d{1,14}\.\d{3}) (-|[0-9a-f:]{17}) (rg|wlc|aaa|lma|samog|standby|active) (\S+) (received|sent|internal)\]$/;

/** Reads events from a capture file that `captureOf` wrote, oldest first; undefined if it is no capture file. */
export function eventsOfCapture(
  bytes: Uint8Array,
): { readonly about: string; readonly events: EventRow[] } | undefined {
  const read = decodeCapture(bytes);
  if (!read.ok) return undefined;
  const { comment, interfaces: places, packets } = read.value;
  const [about = '', ...early] = comment.split('\n');
  const events = early.flatMap((line) => eventOf(line, null));
  for (const packet of packets) {
    const leg = legNames.find((name) => name === places[packet.interface]?.name);
    if (leg === undefined) continue;
    const message = { leg, packet: toHex(packet.octets) };
    events.push(...packet.comments.flatMap((line, index) => eventOf(line, index === 0 ? message : null)));
  }
  return { about, events: events.sort((left, right) => left.number - right.number) };
}

function eventOf(comment: string, message: EventRow['message']): EventRow[] {
  const match = commentForm.exec(comment);
  if (match === null) return [];
  const [, name = '', text = '', number, epoch, mac = '-', party = '', peer = '-', way = ''] = match;
  const epochMs = Number(epoch);
  const direction = way as 'received' | 'sent' | 'internal';
  // A file of another version may have events that this one does not.
  const known = Object.hasOwn(eventKinds, name) ? eventKinds[name as EventName] : undefined;
  return [
    {
      ...{ number: Number(number), epochMs, name, text, party, direction, message },
      time: new Date(Math.round(epochMs)).toISOString(),
      ageSeconds: null,
      kind: rungKindOf({ name, direction }),
      severity: known?.severity ?? 'info',
      mac: mac === '-' ? null : mac,
      peer: peer === '-' ? null : peer,
    },
  ];
}
