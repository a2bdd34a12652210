/** What the database does at once, as a promise; what it throws rejects it. */
export function soon<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(run());
  });
}
