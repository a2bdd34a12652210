/** A cache that failed before anything was begun with a message. */
export class CacheUnavailable extends Error {
  override readonly name = 'CacheUnavailable';
}

/** Asks the cache. @throws {CacheUnavailable} with what the cache throws as its cause. */
export async function askCache<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new CacheUnavailable('The cache failed.', { cause });
  }
}
