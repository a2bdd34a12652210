/** How often a resource type may stand in a message: `1..1`, `0..*`, `2..5`. */
export type Cardinality = `${bigint}..${bigint | '*'}`;

/** A cardinality in numbers. */
export interface CardinalityRange {
  readonly min: number;
  /** `Infinity` for `*`. */
  readonly max: number;
}

/** The numbers of a cardinality, or `undefined` where the text is none or allows nothing. */
export function parseCardinality(text: string): CardinalityRange | undefined {
  const parts = /^(\d+)\.\.(\d+|\*)$/.exec(text);
  if (parts === null) {
    return undefined;
  }
  const min = Number(parts[1]);
  const max = parts[2] === '*' ? Infinity : Number(parts[2]);
  return max >= 1 && min <= max ? { min, max } : undefined;
}

/** A tuple of at least `TMin` items. */
type AtLeast<TMin extends string, TItem, TSoFar extends readonly TItem[] = []> = `${TSoFar['length']}` extends TMin
  ? readonly [...TSoFar, ...TItem[]]
  : TSoFar['length'] extends 16
    ? readonly TItem[]
    : AtLeast<TMin, TItem, [...TSoFar, TItem]>;

/** The content of a slot of a cardinality: one item, or a list of at least its minimum. */
export type Occurrences<TCardinality, TItem> = TCardinality extends `${string}..1`
  ? TItem
  : TCardinality extends `${infer TMin}..${string}`
    ? AtLeast<TMin, TItem>
    : never;

/**
 * Whether a list has an item; the compiler then takes it, a search result for example, for a `1..*` slot.
 *
 * @example if (isNonEmpty(coverages)) createMessage(event, { ...payload, Coverage: coverages }, options);
 */
export function isNonEmpty<TItem>(items: readonly TItem[]): items is readonly [TItem, ...TItem[]] {
  return items.length > 0;
}
