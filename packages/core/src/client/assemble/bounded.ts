/** Runs something for each item, at most so many at a time; after a failure nothing more is begun. */
export async function bounded<TItem>(items: readonly TItem[], concurrency: number, run: (item: TItem) => Promise<void>): Promise<void> {
  const rest = items.values();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const item of rest) {
      if (failed) return;
      try {
        await run(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
}

/** A list in parts of at most so many. */
export function inParts<TItem>(items: readonly TItem[], size: number): readonly (readonly TItem[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size));
}
