/**
 * Gives a function that waits until the client has told of every return that came before: it tells of a return only in the turn after the one in which
 * it tells of the confirmation.
 *
 * All waits that begin in one turn end together, so that the next messages go out in one write.
 */
export function afterReturns(): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  return () =>
    (waiting ??= new Promise((resolve) => {
      setImmediate(() => {
        waiting = undefined;
        // A return that came after the first of these waits began, but before the last, is told of by now or in the next turn.
        setImmediate(resolve);
      });
    }));
}
