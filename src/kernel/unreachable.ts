/** Marks a branch the type system has proved impossible; throws if a bug reaches it all the same. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Asserts an invariant of ours (never of a peer's input). Stays on in production; the caller's session is contained. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}
