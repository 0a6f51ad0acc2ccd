import { z } from 'zod';
import { eventsSchema } from '../api/schemas/happenings.ts';
import type { EventRow, EventsData } from '../views/events.ts';

const bundleSchema = z.object({
  kind: z.literal('samog-tech-support'),
  version: z.string(),
  takenAt: z.string(),
  redacted: z.boolean(),
  views: z.object({ 'show events': z.unknown() }).optional(),
});

/**
 * Reads the events of a support bundle (`samog tech-support`), oldest first, without their messages. The stand-ins of one that is redacted
 * become addresses that nobody has: `mac-3` a locally administered one, `ip-7` one of 198.18.0.0/15 (RFC 2544).
 *
 * @returns undefined if the text is no support bundle
 */
export function eventsOfBundle(
  text: string,
): { readonly about: string; readonly events: readonly EventRow[] } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const bundle = bundleSchema.safeParse(json).data;
  if (bundle === undefined) return undefined;
  const { version, takenAt, redacted, views } = bundle;
  const about = `support bundle of ${version}, taken at ${takenAt}${redacted ? ', with stand-ins for addresses' : ''}`;
  // One of a gateway that did not answer has why instead.
  const shown: EventsData | undefined = eventsSchema.safeParse(withAddresses(views?.['show events'], redacted)).data;
  const events = [...(shown?.events ?? [])].sort((left, right) => left.number - right.number);
  return { about: shown === undefined ? `${about}, without events` : about, events };
}

function withAddresses(view: unknown, redacted: boolean): unknown {
  if (!redacted || view === undefined) return view;
  const text = JSON.stringify(view)
    .replace(/\bmac-(\d{1,7})\b/g, (_, number: string) => `02:00:00:${octets(Number(number), 3, 16, ':')}`)
    .replace(/\bip-(\d{1,5})\b/g, (_, number: string) => `198.18.${octets(Number(number), 2, 10, '.')}`);
  return JSON.parse(text);
}

function octets(number: number, count: number, radix: 10 | 16, between: string): string {
  return Array.from({ length: count }, (_, index) => {
    const octet = ((number >>> (8 * (count - 1 - index))) & 0xff).toString(radix);
    return radix === 16 ? octet.padStart(2, '0') : octet;
  }).join(between);
}
