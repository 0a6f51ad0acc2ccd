import { z } from 'zod';

const versionSchema = z.strictObject({
  number: z.int().min(1),
  kind: z.enum(['committed', 'edited', 'found']),
  who: z.string().nullable(),
  /** RFC 3339, UTC. */
  at: z.string(),
  comment: z.string().nullable(),
  /** The whole file, with its secrets. */
  text: z.string(),
});
/** A configuration that is or was in force, as it is kept. */
export type StoredVersion = z.infer<typeof versionSchema>;

const candidateSchema = z.strictObject({
  who: z.string(),
  at: z.string(),
  basedOn: z.int().min(1),
  /** What it was begun of. */
  base: z.string(),
  text: z.string(),
});
/** What somebody is preparing, as it is kept: with its secrets, but both texts without what is confidential. */
export type StoredCandidate = z.infer<typeof candidateSchema>;

const markSchema = z.strictObject({ who: z.string(), at: z.string() });
/** Stands while a commit waits to be confirmed. */
export type UnconfirmedMark = z.infer<typeof markSchema>;

const scheduleSchema = z.strictObject({
  who: z.string(),
  /** Milliseconds since 1970. */
  atMs: z.number(),
  comment: z.string().nullable(),
  confirmWithinMs: z.number().nullable(),
  atRestart: z.boolean(),
  overwrite: z.boolean(),
  candidate: candidateSchema,
});
/** A commit that waits for its time, with what it is to commit. */
export type StoredSchedule = z.infer<typeof scheduleSchema>;

/** Readers of what is kept as JSON; undefined for what is not whole. */
export const readVersion = readerOf(versionSchema);
export const readCandidate = readerOf(candidateSchema);
export const readMark = readerOf(markSchema);
export const readSchedule = readerOf(scheduleSchema);

function readerOf<Kept>(schema: z.ZodType<Kept>): (text: string) => Kept | undefined {
  return (text) => {
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  };
}
