/**
 * Gives what waits until the client has told of every return that came before: it tells of a return only in the turn after the one in which it
 * tells of the confirmation.
 *
 * All who begin to wait in one turn go on together, so that what they publish next goes out in one write.
 */
export function afterReturns(): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  return () =>
    (waiting ??= new Promise((resolve) => {
      setImmediate(() => {
        waiting = undefined;
        // A return that came after the first of them, but before the last, is told of by now or in the turn that is next.
        setImmediate(resolve);
      });
    }));
}
