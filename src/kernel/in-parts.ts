/** Work that may be left now and again, and gone on with: what comes of it is what it returns. */
export type InParts<Value> = Generator<undefined, Value>;

/** Does all of it now. */
export function atOnce<Value>(work: InParts<Value>): Value {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

/** @param pause waited for wherever the work may be left; absent where nothing else waits */
export async function withPauses<Value>(
  work: InParts<Value>,
  pause: (() => Promise<void>) | undefined,
): Promise<Value> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    await pause?.();
  }
}
