import type { RheaSession } from './rhea-connection.ts';

/**
 * Ends a session, once it has begun. The client forgets a session that is ended before, and breaks the connection when the broker says that it has begun.
 */
export function endSession(session: RheaSession): void {
  if (session.is_open()) {
    session.close();
  } else {
    session.on('session_open', () => session.close());
  }
}
