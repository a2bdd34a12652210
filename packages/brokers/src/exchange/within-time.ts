import { startTimer } from './start-timer.ts';

/**
 * How long a broker gets to confirm an end, in milliseconds. RabbitMQ 3 does not confirm one ended AMQP 1.0 session in a hundred: it sends the answer,
 * and kills the process that would write it.
 */
export const goodbyeMs = 1000;

/** Waits until some work is over, well or not, but no longer than the limit. */
export function withinTime(limitMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = startTimer(limitMs, end);
    work.then(end, end);
  });
}
