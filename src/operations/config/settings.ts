import { z } from 'zod';
import type { Comparison, Effect, Implied } from './schema-tree.ts';

/** A setting that may be left out, with the value it then has, written as in the file. */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  fallback: string | number | boolean,
  description: string,
) {
  return schema.prefault(fallback as z.input<Schema> & string).describe(description);
}

/** A setting that may be left out; `absent` says what happens then. */
export function optional<Schema extends z.ZodType>(schema: Schema, absent: string, description: string) {
  return schema.optional().meta({ description, absent });
}

/** A setting that may not be left out. */
export function required<Schema extends z.ZodType>(schema: Schema, description: string) {
  return schema.meta({ ...schema.meta(), description });
}

/** A mapping of settings. Where all of them may be left out, `.prefault({})` lets the mapping itself be left out. */
export function section<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z.strictObject(shape).describe(description);
}

/** A setting, section or list that is compared with the peer's in another way than as it stands. */
export function compared<Schema extends z.ZodType>(comparison: Comparison, schema: Schema) {
  return schema.meta({ ...schema.meta(), comparison });
}

/** A setting that may be left out, and then is what follows from those beside it: as that it is compared with the peer's. */
export function impliedBy<Schema extends z.ZodType>(implied: Implied, schema: Schema) {
  return schema.meta({ ...schema.meta(), implied });
}

/** A setting, section or list that a running gateway takes without disturbing any session. */
export function hot<Schema extends z.ZodType>(schema: Schema) {
  return taking('hot', schema);
}

/** Within something hot, what is not: it waits for the next start. */
export function atRestart<Schema extends z.ZodType>(schema: Schema) {
  return taking('restart', schema);
}

function taking<Schema extends z.ZodType>(effect: Effect, schema: Schema) {
  return schema.meta({ ...schema.meta(), effect });
}
