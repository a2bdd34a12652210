import type { OutboxEntry } from './outbox.ts';

/** What somebody can have done with an entry: the method of the outbox that does it. */
export type OutboxAction = 'retry' | 'decide' | 'cancel' | 'remove';

/**
 * The actions that make sense for an entry in its state, the likeliest first; none while somebody works on it (`isLeased`), since none would be done. None
 * of them has a message that may have arrived sent again, or forgotten, without a person who says what became of it: such a message has `decide` where it
 * is not sent again by itself, though `confirm` may still be asked about it.
 *
 * @example actionsOf(entry).includes('retry') && <button onClick={() => void outbox.retry(entry.id)}>Send again</button>
 */
export function actionsOf({
  state,
  reason,
  sends,
  mayHaveArrived,
  isLeased,
  dueAtMs,
}: Pick<OutboxEntry, 'state' | 'sends' | 'mayHaveArrived' | 'isLeased' | 'dueAtMs'> & { readonly reason: string | undefined }): readonly OutboxAction[] {
  if (isLeased) return [];
  switch (state) {
    case 'pending':
      if (mayHaveArrived) return [];
      return sends > 0 ? ['retry', 'cancel'] : ['cancel'];
    case 'waiting':
    case 'blocked':
      return mayHaveArrived ? [] : ['cancel'];
    case 'uncertain':
    case 'overdue':
      return ['decide'];
    case 'rejected':
      // The other side answers the same again.
      return reason === 'fatal-error' || reason === 'repeated' ? ['remove'] : ['retry', 'remove'];
    case 'dead':
      return reason === 'pinned' ? ['cancel'] : ['retry', 'cancel'];
    case 'accepted':
      // Where a reply is owed, it has its deadline.
      return dueAtMs === undefined ? ['remove'] : [];
    case 'replied':
      return ['remove'];
    case 'sending':
      return [];
  }
}
