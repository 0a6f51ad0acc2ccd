import { clip } from '../views/arguments.ts';
import { refuse } from '../views/view.ts';

const dayMs = 86_400_000;
/** Whoever plans further ahead is asked to come again: a candidate outlives few other commits. */
const aheadMaxMs = 14 * dayMs;

/**
 * A time that is to come: `03:00` or `03:00:30`, the next time that it is so in UTC, or a time in RFC 3339.
 *
 * @param wallClock milliseconds since 1970
 * @returns milliseconds since 1970, at most 14 days ahead
 */
export function timeAhead(
  text: string,
  wallClock: number,
): { readonly ok: true; readonly value: number } | ReturnType<typeof refuse> {
  const isOfDay = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text);
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const today = new Date(wallClock).toISOString().slice(0, 10);
  const written = isOfDay ? Date.parse(`${today}T${text}Z`) : isWhole ? Date.parse(text) : Number.NaN;
  const time = isOfDay && written <= wallClock ? written + dayMs : written;
  const hint = 'write 03:00 (UTC) or 2026-03-01T03:00:00Z, at most 14 days ahead';
  if (Number.isNaN(time)) return refuse('bad-argument', `"${clip(text)}" is no time`, hint);
  if (time <= wallClock) return refuse('bad-argument', `${text} is over`, hint);
  if (time > wallClock + aheadMaxMs) return refuse('bad-argument', `${text} is too far ahead`, hint);
  return { ok: true, value: time };
}
