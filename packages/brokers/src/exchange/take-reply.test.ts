import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { expect, it, vi } from 'vitest';
import { takeReply } from './take-reply.ts';
import { waitingReplies } from './waiting-replies.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const request = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const { bytes } = createReply(request, { source: 'https://ward.example.org' });
const away = new MessagingError('storage.unavailable', 'The store is away.');

/** Takes a reply; time passes at once, and is over after so many waits. */
async function taken(onReply: () => unknown, { waits = 1000, waiting = waitingReplies() } = {}) {
  const delaysMs: number[] = [];
  const onError = vi.fn();
  const hold = async (delayMs: number): Promise<void> => {
    delaysMs.push(delayMs);
  };
  const end = await takeReply(bytes, { waiting, onReply, onError, hold, isOver: () => delaysMs.length === waits });
  return { end, delaysMs, told: onError.mock.calls.flat() };
}

it('a reply that onReply fails at is tried again after waits that double, until it is taken', async () => {
  const onReply = vi.fn().mockRejectedValueOnce(away).mockRejectedValueOnce(away).mockRejectedValueOnce(away);

  expect(await taken(onReply)).toEqual({ end: 'acknowledge', delaysMs: [1000, 2000, 4000], told: [away, away, away] });
  expect(onReply.mock.calls).toEqual(Array.from({ length: 4 }, () => [bytes]));
});

it('a reply that onReply fails at twenty times is given up, and told as lost', async () => {
  const onReply = vi.fn().mockRejectedValue(away);
  const { end, delaysMs, told } = await taken(onReply);

  expect([end, onReply.mock.calls.length]).toEqual(['acknowledge', 20]);
  expect(Math.max(...delaysMs)).toBe(30_000);
  expect(told.slice(20)).toEqual([expect.objectContaining({ code: 'transport.failed', attempts: 20, cause: away, message: expect.stringContaining('lost') })]);
});

it('a reply that comes once its messenger is closed is given back, however long that takes, and never acknowledged', async () => {
  const closed = new MessagingError('closed', 'The messenger was closed.');

  expect(await taken(() => Promise.reject(closed), { waits: 100 })).toMatchObject({ end: 'return', told: Array.from({ length: 100 }, () => closed) });
});

it('a reply that nobody has taken goes back where this ends', async () => {
  expect(await taken(() => Promise.reject(away), { waits: 2 })).toEqual({ end: 'return', delaysMs: [1000, 2000], told: [away, away] });
});

it.each(['json.invalid', 'input.limit', 'message.invalid', 'reply.invalid'] as const)('what is no reply (%s) is not tried again', async (code) => {
  const fault = new MessagingError(code, 'It cannot be read.');

  expect(await taken(() => Promise.reject(fault))).toEqual({ end: 'acknowledge', delaysMs: [], told: [fault] });
});

it('a reply that is waited for by now goes to who waits, whatever onReply does', async () => {
  const waiting = waitingReplies();
  let reply: Promise<Uint8Array> | undefined;
  const onReply = (): never => {
    ({ reply } = waiting.expect(request, new AbortController().signal));
    throw away;
  };

  expect(await taken(onReply, { waiting })).toMatchObject({ end: 'acknowledge', delaysMs: [1000] });
  expect(await reply).toBe(bytes);
});
