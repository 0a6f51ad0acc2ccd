/** What an event is: a message of one of the parties, a decision of the gateway, a refusal or end of something, or a time that ran out. */
export type RungKind = 'message' | 'decision' | 'refusal' | 'timer';

export const rungKinds: readonly RungKind[] = ['message', 'decision', 'refusal', 'timer'];

const refusals = /-(denied|failed|ended|dropped|discarded|refused|rejected|crashed)$/;
const timers = /-(timed-out|expired)$/;

/** The kind by the ending of the event's name; else the direction tells messages from decisions. */
export function rungKindOf({ name, direction }: { readonly name: string; readonly direction: string }): RungKind {
  if (timers.test(name)) return 'timer';
  if (refusals.test(name)) return 'refusal';
  return direction === 'internal' ? 'decision' : 'message';
}
