/**
 * The first of many in an order, in that order, as sorting all and cutting the rest off would have them: for lists so long
 * that sorting them takes longer than their reader may.
 *
 * @param order as of `Array.sort`; of equals those stay that came first
 */
export function firstOf<Item>(items: Iterable<Item>, most: number, order: (left: Item, right: Item) => number): Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length >= most && (most === 0 || order(first.at(-1)!, item) <= 0)) continue;
    if (first.length >= most) first.pop();
    let [low, high] = [0, first.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order(first[middle]!, item) <= 0) low = middle + 1;
      else high = middle;
    }
    first.splice(low, 0, item);
  }
  return first;
}
