import type { ShownEntry } from '@fhir-messaging/react-hooks';

/** Whether there is nothing left to wait for, or to decide. */
export function isSettled({ state }: ShownEntry): boolean {
  return state === 'replied' || state === 'rejected' || state === 'accepted';
}

/** What was done with an order so far, in a word or two: what asks for a person first. */
export function progressInWords(entries: readonly ShownEntry[]): string | undefined {
  const has = (...states: readonly ShownEntry['state'][]): boolean => entries.some(({ state }) => states.includes(state));
  const mayHaveArrived = (state: ShownEntry['state']): boolean => entries.some((entry) => entry.state === state && entry.mayHaveArrived);
  if (has('uncertain')) return 'May have arrived: look at it again';
  if (entries.some(({ reason }) => reason === 'locked')) return 'Not readable here: look at it again';
  if (has('waiting')) return mayHaveArrived('waiting') ? 'May have arrived: sign in again' : 'Not sent yet: sign in again';
  if (has('pending', 'sending')) return mayHaveArrived('pending') ? 'May have arrived: it goes out again' : 'Queued';
  if (has('overdue')) return 'Taken over, and not answered: look at it again';
  if (has('dead') || entries.at(-1)?.state === 'rejected') return 'Not taken: look at it again';
  return has('replied', 'accepted') ? 'Sent' : undefined;
}
