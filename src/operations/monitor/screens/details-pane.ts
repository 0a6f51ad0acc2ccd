import type { EventName } from '../../../services/samog/event-names.ts';
import { eventKinds } from '../../catalogue/event-catalogue.ts';
import { titleOf } from '../../ladder/ladder-text.ts';
import { wrapped } from '../../shell/wrapped.ts';
import type { EventRow } from '../../views/events.ts';
import { detailLines, hexLines } from '../message-details.ts';

export interface DetailsContent {
  readonly event: EventRow;
  /** Decisions, refusals and timers that followed it, until the next message of its subscriber. */
  readonly followers: readonly EventRow[];
  readonly hex: boolean;
}

/** Octets of a line of hexadecimal, for the widths that each needs. */
const hexWidths = [
  [16, 71],
  [8, 39],
] as const;

/** Everything about one event, as lines of at most `width` columns. */
export function detailsOf({ event, followers, hex }: DetailsContent, width: number): string[] {
  const { message, name, text, number, time, party, peer, direction } = event;
  const where = peer === null ? '' : `${direction === 'sent' ? 'to' : 'from'} ${titleOf(party)} ${peer}, `;
  const lines = [`#${number} ${name}`, `${where}${time ?? ''}`];
  if (hex && message !== null) {
    const [octets] = hexWidths.find(([, needed]) => needed <= width) ?? [4];
    return [...wrapped(lines, width), '', ...hexLines(message, octets)];
  }
  const known = Object.hasOwn(eventKinds, name) ? eventKinds[name as EventName] : undefined;
  const means = event.kind === 'message' || known === undefined ? [] : ['', known.sentence, known.advice];
  const decoded = message === null ? absent(event) : detailLines(message);
  const decided = followers.map((one) => `${one.kind}: ${one.text}`);
  return wrapped([...lines, '', ...(message === null ? [text] : []), ...decoded, ...decided, ...means], width);
}

function absent({ kind }: EventRow): string[] {
  return kind === 'message' ? ['(its octets have made room for later ones)'] : [];
}
