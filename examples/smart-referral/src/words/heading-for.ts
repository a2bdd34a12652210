import type { QueuedMessage } from '@fhir-messaging/react-hooks';

/** Where a referral and its changes are, as one heading. */
export function headingFor(messages: readonly QueuedMessage[]): string {
  const [referral, ...changes] = messages;
  switch (referral?.state) {
    case 'replied':
      return changes.some(({ state }) => state === 'uncertain') ? 'A change may have arrived' : 'The referral was received';
    case 'accepted':
    case 'overdue':
      return 'The referral was taken over';
    case 'uncertain':
      return 'This referral may have arrived';
    case 'sending':
      return 'The referral is on its way';
    default:
      return referral?.mayHaveArrived === true ? 'This referral may have arrived' : 'The referral is queued';
  }
}
