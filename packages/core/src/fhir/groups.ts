/** What a map holds under a key, made and kept when it is first asked for. */
export function remembered<TKey, TValue>(map: Map<TKey, TValue>, key: TKey, make: () => TValue): TValue {
  const known = map.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = make();
  map.set(key, made);
  return made;
}

/** Items by a key of theirs, in their order; those without one are in no group. */
export function groupBy<TItem, TKey>(items: Iterable<TItem>, keyOf: (item: TItem) => TKey | undefined): Map<TKey, TItem[]> {
  const groups = new Map<TKey, TItem[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = key === undefined ? undefined : groups.get(key);
    if (group !== undefined) {
      group.push(item);
    } else if (key !== undefined) {
      groups.set(key, [item]);
    }
  }
  return groups;
}

/** The one item of a list, or `undefined` when there is none, or more than one. */
export function only<TItem>(items: readonly TItem[] | undefined): TItem | undefined {
  return items?.length === 1 ? items[0] : undefined;
}
