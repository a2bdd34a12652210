/**
 * Runs something when a signal aborts, or at once where it has; returns the function that takes this back. `AbortSignal.any` would leave a trace on
 * a signal that lives as long as the application, and costs more.
 */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  signal?.addEventListener('abort', run);
  if (signal?.aborted) run();
  return () => signal?.removeEventListener('abort', run);
}
