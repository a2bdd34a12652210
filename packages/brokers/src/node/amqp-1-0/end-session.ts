import type { RheaSession } from './rhea-connection.ts';

/**
 * Ends a session that has begun; one whose link is still being attached is ended when it is. The client forgets a session that is ended before it has
 * begun, and breaks the connection when the broker says that it has; and a broker that attaches a link, and makes its queue, need not expect the end.
 */
export function endSession(session: RheaSession, isAttaching: boolean): void {
  if (!isAttaching && session.is_open()) session.close();
}
