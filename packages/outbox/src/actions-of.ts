import type { OutboxEntry } from './outbox.ts';

/** What somebody can have done with an entry: the method of the outbox that does it. */
export type OutboxAction = 'retry' | 'decide' | 'cancel' | 'remove';

/**
 * The actions that make sense for an entry in its state, the likeliest first. None of them has a message that may have arrived sent again, or
 * forgotten, without a person who says what became of it: such a message has `decide`, once it does not go on by itself.
 *
 * @example actionsOf(entry).includes('retry') && <button onClick={() => void outbox.retry(entry.id)}>Send again</button>
 */
export function actionsOf({
  state,
  reason,
  sends,
  mayHaveArrived,
  dueAtMs,
}: Pick<OutboxEntry, 'state' | 'sends' | 'mayHaveArrived' | 'dueAtMs'> & { readonly reason: string | undefined }): readonly OutboxAction[] {
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
