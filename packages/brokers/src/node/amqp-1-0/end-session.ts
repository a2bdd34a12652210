import { withResolvers } from '../../exchange/with-resolvers.ts';
import { goodbyeMs, withinTime } from '../../exchange/within-time.ts';
import type { RheaConnection, RheaSession } from './rhea-connection.ts';
import { whenLost } from './when-lost.ts';

/**
 * Ends a session that has begun; one whose link is still being attached is ended when it is. The client forgets a session that is ended before it has
 * begun, and breaks the connection when the broker says that it has; and a broker that attaches a link, and makes its queue, need not expect the end.
 */
export function endSession(session: RheaSession, isAttaching: boolean): void {
  if (!isAttaching && session.is_open()) session.close();
}

/** Ends the session of a link that the broker closed: it may leave that open. */
export function endSessionBehind(session: RheaSession): void {
  // The client answers the link's end only after its events.
  setImmediate(() => endSession(session, false));
}

/** Ends a session whose link is open, and waits for the broker's confirmation, which may never come: until then it holds messages, and a queue, for it. */
export async function endSessionConfirmed(connection: RheaConnection, session: RheaSession): Promise<void> {
  const { promise: isOver, resolve: over } = withResolvers<void>();
  session.on('session_close', () => over());
  const stopWaiting = whenLost(connection, over);
  endSession(session, false);
  await withinTime(goodbyeMs, isOver);
  stopWaiting();
}
