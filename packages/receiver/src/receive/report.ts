import type { Reception } from './reception.ts';

/** Tells the application what happened inside, which no sender is told. */
export function report(error: unknown, { onError }: Pick<Reception, 'onError'>): void {
  try {
    onError?.(error);
  } catch {
    // What a report does wrong is no reason to answer otherwise.
  }
}
