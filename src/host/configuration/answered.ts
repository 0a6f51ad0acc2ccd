import type { Refusal } from '../../operations/views/view.ts';
import { refuse } from '../../operations/views/view.ts';

export type Refused = { readonly ok: false; readonly refusal: Refusal };

/** What came of something that an operator asked of the configuration. */
export type Told<Answer> = { readonly ok: true; readonly data: Answer } | Refused;

/** An answer that is no refusal. */
export function done<Answer>(data: Answer): Told<Answer> {
  return { ok: true, data };
}

/** What the file system refused. @throws the error itself, if it is none of the file system's */
export function notStored(error: unknown): Refused {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  const what = `the configuration cannot be written: ${error instanceof Error ? error.message : code}`;
  return refuse('failed', what, 'nothing has changed; see that the gateway may write there, and that there is room');
}

/** Milliseconds since 1970 as RFC 3339 writes them, in UTC. Throws RangeError for what is no time. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
