import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';

/** The counters of a session manager that outlive it, each group's under a prefix of its own. */
function groupsOf<Owner extends Pick<ManagerReader, 'counters' | 'forwardingCounters'>>({
  counters,
  forwardingCounters,
}: Owner): readonly [
  { readonly prefix: 'samog:'; readonly counters: Owner['counters'] },
  { readonly prefix: 'forwarding:'; readonly counters: Owner['forwardingCounters'] },
] {
  return [
    { prefix: 'samog:', counters },
    { prefix: 'forwarding:', counters: forwardingCounters },
  ];
}

/** Every counter by name, zeros included. */
export function* countersOf(
  owner: Pick<ManagerReader, 'counters' | 'forwardingCounters'>,
): Generator<readonly [name: string, value: number]> {
  for (const { prefix, counters } of groupsOf(owner)) {
    for (const name of counters.names) yield [prefix + name, counters.get(name as never)];
  }
}

/** Adds what was counted before. Names that are no longer counted, and what is not a count, are left out; returns how many. */
export function restoreCounters(
  owner: Pick<SessionManager, 'counters' | 'forwardingCounters'>,
  stored: Iterable<readonly [name: string, value: number]>,
): number {
  const all = new Map(
    groupsOf(owner).flatMap(({ prefix, counters }) =>
      counters.names.map((name) => [prefix + name, (by: number) => counters.add(name as never, by)] as const),
    ),
  );
  let leftOut = 0;
  for (const [name, value] of stored) {
    const add = all.get(name);
    if (add === undefined || !Number.isSafeInteger(value) || value < 0) leftOut += 1;
    else add(value);
  }
  return leftOut;
}
