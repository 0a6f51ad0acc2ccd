import type { z } from 'zod';

/** A type as JSON has it: nothing is read-only there. */
type Plain<Value> = Value extends readonly (infer Entry)[]
  ? Plain<Entry>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value;

/**
 * Lets the compiler hold a schema to the type that it describes: whatever is of the type fits the schema. That the schema has
 * no more than the type is for a test with answers.
 */
export function accepts<Value>(): <Schema extends z.ZodType>(
  schema: [Plain<Value>] extends [z.input<Schema>] ? Schema : never,
) => Schema {
  return (schema) => schema;
}
