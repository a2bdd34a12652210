// The fetch that Medplum's bot runtimes hand in; it has no types of its own.
declare module 'node-fetch' {
  const fetch: typeof globalThis.fetch;
  export default fetch;
}
