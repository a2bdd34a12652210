/**
 * How long a broker gets to say that it heard that something ends, in milliseconds. RabbitMQ 3 says nothing of one ended session of AMQP 1.0 in a hundred: what ends
 * one sends the answer and kills who writes it.
 */
export const goodbyeMs = 1000;

/** Waits until something is over, well or not, and no longer than a time. */
export function withinTime(limitMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, limitMs);
    work.then(end, end);
  });
}
