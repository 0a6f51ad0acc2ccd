import { z } from 'zod';
import type { Moment } from '../views/view.ts';
import type { FormerAcknowledgement } from './alarm.ts';
import { type AlarmName, alarmNames, alarmSeverities } from './alarm-catalogue.ts';

const written = z.strictObject({
  version: z.literal(1),
  acknowledgements: z.array(
    z.strictObject({
      alarm: z.enum(alarmNames as [AlarmName, ...AlarmName[]]),
      severity: z.enum(alarmSeverities),
      about: z.string().nullable(),
      by: z.string(),
      /** When, in milliseconds since 1970. */
      epochMs: z.number(),
      note: z.string().optional(),
    }),
  ),
});

/** Acknowledgements as a file has them: a line of JSON. */
export function acknowledgementsText(acknowledgements: readonly FormerAcknowledgement[], at: Moment): string {
  const kept: z.infer<typeof written> = {
    version: 1,
    acknowledgements: acknowledgements.map(({ at: instant, note, ...others }) => ({
      ...others,
      epochMs: Math.round(at.wallClock - (at.now - instant)),
      ...(note === undefined ? {} : { note }),
    })),
  };
  return `${JSON.stringify(kept)}\n`;
}

/** None of a text that is not one of those. */
export function acknowledgementsOf(text: string, at: Moment): FormerAcknowledgement[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return [];
  }
  const { data } = written.safeParse(read);
  return (data?.acknowledgements ?? []).map(({ epochMs, note, ...others }) => ({
    ...others,
    note,
    at: at.now - Math.max(0, at.wallClock - epochMs),
  }));
}
