/** Lines that are read of a peer, and characters of each: a configuration has fewer. */
export const linesMax = 16_384;
const lineCharactersMax = 4096;
/** Differences that are named; an operator repairs the first, and looks again. */
const differencesMax = 32;
const shownCharactersMax = 80;

const separator = ' = ';

/**
 * Names what differs between two configurations, given as lines `path = value`, a line for each setting or each entry of
 * a list in which the order does not count. A difference is a sentence such as `cgw-service.s2a.apn: here internet, peer
 * ims`; there are at most 33 of bounded length, of printable characters, whatever the peer has sent.
 */
export function compareLines(own: readonly string[], peer: readonly string[]): readonly string[] {
  if (isTooLong(peer)) return ['the peer’s configuration is longer than one can be'];
  const here = byPath(own);
  const there = byPath(peer);
  const paths = [...new Set([...here.keys(), ...there.keys()])].sort();
  const differences: string[] = [];
  let more = 0;
  for (const path of paths) {
    for (const difference of compareValues(here.get(path) ?? [], there.get(path) ?? [])) {
      if (differences.length < differencesMax) differences.push(`${shown(path)}: ${difference}`);
      else more += 1;
    }
  }
  return more === 0 ? differences : [...differences, `and ${more} more`];
}

/** Which setting a line is of. */
export function pathOfLine(line: string): string {
  const at = line.indexOf(separator);
  return at < 0 ? line : line.slice(0, at);
}

function byPath(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const path = pathOfLine(line);
    const value = line.slice(path.length + separator.length);
    const known = values.get(path);
    if (known === undefined) values.set(path, [value]);
    else known.push(value);
  }
  return values;
}

/** More than a configuration can be: nothing is made of it. */
export function isTooLong(lines: readonly string[]): boolean {
  return lines.length > linesMax || lines.some(({ length }) => length > lineCharactersMax);
}

function compareValues(own: readonly string[], peer: readonly string[]): readonly string[] {
  if (own.length <= 1 && peer.length <= 1) {
    const [here, there] = [own[0], peer[0]];
    if (here === there) return [];
    if (here === undefined) return [`not given here, peer ${shown(there!)}`];
    return [`here ${shown(here)}, ${there === undefined ? 'not given at the peer' : `peer ${shown(there)}`}`];
  }
  return [
    ...without(own, peer).map((value) => `${shown(value)} only here`),
    ...without(peer, own).map((value) => `${shown(value)} only at the peer`),
  ];
}

/** Each as often as the first list has it more often than the second. */
function without(values: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(other, (left.get(other) ?? 0) + 1);
  return values.filter((value) => {
    const count = left.get(value) ?? 0;
    if (count > 0) left.set(value, count - 1);
    return count === 0;
  });
}

function shown(text: string): string {
  const clipped = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
  return clipped === '' ? '(nothing)' : clipped.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
