import { describe, expect, it } from 'vitest';
import { amqpReceiver as amqp091Receiver } from '../node/amqp-0-9-1/amqp-receiver.ts';
import { amqpReceiver as amqp10Receiver } from '../node/amqp-1-0/amqp-receiver.ts';
import { redeliveryDelayMs, retryDelays } from './retry-delay.ts';

it('a list of no waits is a TypeError: what is tried again would wait nowhere', () => {
  expect(() => retryDelays([])).toThrow(new TypeError('retryDelaysMs: give one wait at least.'));
  const [connection, receiver, options] = [Object(undefined), Object(undefined), { queue: 'q', retryDelaysMs: [] }];
  for (const receive of [amqp091Receiver, amqp10Receiver]) expect(() => receive(connection, receiver, options)).toThrow(new TypeError('retryDelaysMs: give one wait at least.'));
  expect(retryDelays(undefined)).toEqual([1000, 10_000, 60_000]);
});

describe('how long a message waits before its next attempt', () => {
  it.each([
    [1, undefined, 1000],
    [2, undefined, 10_000],
    [3, undefined, 60_000],
    [9, undefined, 60_000],
    [1, 500, 1000],
    [1, 5000, 10_000],
    [1, 90_000, 60_000],
    [3, 5000, 60_000],
  ])('after attempt %i, asked for %s ms: %i ms', (attempt, asked, delayMs) => {
    expect(redeliveryDelayMs(attempt, [1000, 10_000, 60_000], asked)).toBe(delayMs);
  });

  it('is none where there are no delays', () => {
    expect(redeliveryDelayMs(1, [], 5000)).toBe(0);
  });
});
