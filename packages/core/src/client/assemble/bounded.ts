/** Runs something for each item, at most `concurrency` at a time. When one fails, its caller has to abort the rest. */
export async function bounded<TItem>(items: readonly TItem[], concurrency: number, run: (item: TItem) => Promise<void>): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) {
      await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
}

/** A list in parts of at most `size` items. */
export function inParts<TItem>(items: readonly TItem[], size: number): readonly (readonly TItem[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size));
}
