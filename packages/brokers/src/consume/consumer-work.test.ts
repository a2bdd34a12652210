import { expect, it, vi } from 'vitest';
import { consumerWork } from './consumer-work.ts';
import { inOrder } from './in-order.ts';

const limits = { closeWithinMs: 60_000, confirmTimeoutMs: 60_000 };

it('closing gives back at once what waits for its next attempt, and what waits behind it in order does not begin', async () => {
  const working = consumerWork(limits);
  const ordered = inOrder();
  const behind = vi.fn(() => Promise.resolve('acknowledge' as const));
  const waiting = ordered.run('key', () => working.run(() => working.wait(60_000).then(() => 'acknowledge')));
  const next = ordered.run('key', () => working.run(behind));
  const ends = Promise.all([waiting, next]);
  await working.close(async () => void (await ends));

  expect(await ends).toEqual(['return', 'return']);
  expect(behind).not.toHaveBeenCalled();
});

it('closing leaves a handler its time: its signal has not aborted when a wait beside it is over', async () => {
  const working = consumerWork(limits);
  let end = (): void => undefined;
  const handling = working.run(() => new Promise((resolve) => (end = () => resolve('acknowledge'))));
  const waiting = working.run(() => working.wait(60_000).then(() => 'acknowledge'));
  const closing = working.close(async () => void (await Promise.all([handling, waiting])));

  expect([await waiting, working.signal.aborted]).toEqual(['return', false]);
  end();
  await closing;
  expect(await handling).toBe('acknowledge');
});

it.each([Infinity, 2 ** 31])('closing leaves a handler its time, however long: closeWithinMs %d', async (closeWithinMs) => {
  const working = consumerWork({ ...limits, closeWithinMs });
  let end = (): void => undefined;
  const handling = working.run(() => new Promise((resolve) => (end = () => resolve('acknowledge'))));
  const closed = vi.fn();
  const closing = working.close(async () => void (await handling)).then(closed);
  await new Promise((resolve) => void setTimeout(resolve, 50));

  expect(working.signal.aborted).toBe(false);
  expect(closed).not.toHaveBeenCalled();
  end();
  await closing;
  expect(await handling).toBe('acknowledge');
});

it.each([Infinity, 2 ** 31])('a wait of any length is no wait of none: %d ms', async (delayMs) => {
  const working = consumerWork(limits);
  const over = vi.fn();
  const waiting = working.wait(delayMs).then(over, () => undefined);
  await new Promise((resolve) => void setTimeout(resolve, 50));

  expect(over).not.toHaveBeenCalled();
  await working.close(() => waiting);
});
