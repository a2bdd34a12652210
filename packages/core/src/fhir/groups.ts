/** The value of a map under a key, made and kept when it is first asked for. */
export function remembered<TKey, TValue>(map: Map<TKey, TValue>, key: TKey, make: () => TValue): TValue {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Groups items by key, in their order; an item without a key is in no group. */
export function groupBy<TItem, TKey>(items: Iterable<TItem>, keyOf: (item: TItem) => TKey | undefined): Map<TKey, TItem[]> {
  const groups = new Map<TKey, TItem[]>();
  for (const item of items) {
    const key = keyOf(item);
    // A list that began empty would get room for more than most groups ever hold.
    if (key !== undefined && !groups.get(key)?.push(item)) groups.set(key, [item]);
  }
  return groups;
}

/** The one item of a list, or `undefined` when there is none, or more than one. */
export function only<TItem>(items: readonly TItem[] | undefined): TItem | undefined {
  return items?.length === 1 ? items[0] : undefined;
}
