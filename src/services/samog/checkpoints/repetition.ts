import type { SavedSession } from './saved-session.ts';

/** Instants, which are told as what is left of them: they come out a little different each time. And what the UE uses. */
const driftsWith = /(?:At|[uU]ntil|^usage|^lastActivity)$/;

/**
 * Whether a session that comes whole says nothing but what was known: that is how it is repeated now and then. What differs in times
 * and in what the UE has used alone is no news.
 */
export function isRepetition(known: SavedSession, whole: SavedSession): boolean {
  return isSame(known, whole);
}

function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (left instanceof Map || right instanceof Map) {
    return left instanceof Map && right instanceof Map && isSame([...left], [...right]);
  }
  // What a decoder has left out is undefined.
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of names) {
    if (driftsWith.test(name)) continue;
    if (!isSame((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name])) return false;
  }
  return true;
}
