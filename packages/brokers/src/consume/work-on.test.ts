import { createMessage, defineEvent, MessagingError } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { describe, expect, it, vi } from 'vitest';
import { inOrder } from './in-order.ts';
import { workOn } from './work-on.ts';
import type { QueueLine } from './work-on.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

it('what comes while the receiver is closed is held, and goes back uncounted when this ends too: no dead letter, no next attempt', async () => {
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => undefined);
  await receiver.close();
  const closing = new AbortController();
  const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const written: string[] = [];
  let waits = 0;
  const end = await workOn(
    { bytes, claims: [], attempt: 1, signal: closing.signal },
    receiver,
    {
      publishReply: () => Promise.resolve(void written.push('reply')),
      publishDead: () => Promise.resolve(void written.push('dead')),
      publishAgain: () => Promise.resolve(void written.push('again')),
      wait: () => {
        if ((waits += 1) === 20) closing.abort();
        return Promise.resolve();
      },
    },
    { maxAttempts: 2 },
  );

  expect([end, written, waits]).toEqual(['return', [], 20]);
});

it('the error of a dead letter says no more than its header: rules, codes and paths, and no sentence of a handler', async () => {
  const said: Issue = { severity: 'error', code: 'business-rule', expression: ['Patient.name'], diagnostics: 'Jane Miller is here already.' };
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'fatal-error', issues: [said] }));
  const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const errors: unknown[] = [];
  const line = { publishReply: () => Promise.resolve(), publishDead: () => Promise.resolve(), wait: () => Promise.resolve() };
  await workOn({ bytes, claims: [], attempt: 1, signal: new AbortController().signal }, receiver, line, { onError: (error) => void errors.push(error) });

  expect(errors).toEqual([expect.objectContaining({ code: 'message.invalid', issues: [{ severity: 'error', code: 'business-rule', expression: ['Patient.name'] }] })]);
});

it.each([
  ['throws', 'transport.timeout', 'R4'],
  ['throws', 'transport.timeout', 'R5'],
  ['says fatal-error', 'message.invalid', 'R4'],
] as const)('the error of a dead letter whose handler %s says by its code why (%s), and beside it which message it was: %s', async (act, code, release) => {
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => {
    if (act === 'throws') throw new Error('inside');
    return { code: 'fatal-error' };
  });
  const { bytes, identity } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org', release });
  const id = identity.ids.find(({ source }) => source === (release === 'R4' ? 'MessageHeader.id' : 'Bundle.identifier'))?.value;
  const onError = vi.fn();
  const line = { publishReply: () => Promise.resolve(), publishDead: () => Promise.resolve(), wait: () => Promise.resolve() };
  await workOn({ bytes, claims: [], attempt: 1, signal: new AbortController().signal }, receiver, line, { onError, maxAttempts: 3, senderOf: () => 'ward' });

  expect(onError.mock.calls).toEqual([[expect.objectContaining({ code }), { message: id, event: { uri: admit.uri }, sender: 'ward' }]]);
});

it('what is too large to wait for its next attempt is a dead letter of the code input.limit, its sender is told, and onError of which message: it would be tried again without end', async () => {
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'transient-error' }));
  const { bytes, identity } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const onError = vi.fn();
  const written: unknown[] = [];
  const line: QueueLine = {
    publishReply: ({ target, properties }) => Promise.resolve(void written.push([target, properties.responseCode])),
    publishDead: (dead, outcome) => Promise.resolve(void written.push([dead, outcome])),
    publishAgain: () => Promise.reject(new MessagingError('input.limit', 'It is too large.', { delivery: 'no' })),
    wait: () => Promise.resolve(),
  };
  const claims = [{ property: 'replyTarget', name: 'reply-to', value: 'replies' }] as const;
  const delivery = { bytes, claims, attempt: 1, signal: new AbortController().signal };
  const end = await workOn(delivery, receiver, line, { replyTargets: ['replies'], onError });

  const about = { message: identity.message, event: { uri: admit.uri } };
  expect([end, written]).toEqual(['acknowledge', [['replies', 'transient-error'], [delivery, expect.stringContaining('broker.size')]]]);
  expect(onError.mock.calls).toEqual([
    [expect.objectContaining({ code: 'input.limit', message: 'It is too large.' }), about],
    [expect.objectContaining({ code: 'input.limit', message: 'A message became a dead letter.' }), about],
  ]);
});

it.each([
  ['cache.in-flight', 'transient-error', 3, ['replies transient-error', 'dead']],
  ['cache.in-flight', 'fatal-error', 1, ['replies fatal-error']],
  ['cache.unavailable', 'fatal-error', 1, ['replies fatal-error']],
] as const)("another receiver's %s, which a handler passes on with %s, is none of this one's: its attempts are counted, and its sender is told", async (rule, code, runs, expected) => {
  const issues: Issue[] = [{ severity: 'error', code: 'transient', rule }];
  const handle = vi.fn(() => ({ code, issues }));
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, handle);
  const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const claims = [{ property: 'replyTarget', name: 'reply-to', value: 'replies' }] as const;
  const written: string[] = [];
  const codes: unknown[] = [];
  let waits = 0;
  const line: QueueLine = {
    publishReply: ({ target, properties }) => Promise.resolve(void written.push(`${target} ${properties.responseCode}`)),
    publishDead: () => Promise.resolve(void written.push('dead')),
    wait: () => ((waits += 1) < 50 ? Promise.resolve() : Promise.reject(new Error('without end'))),
  };
  const onError = (error: unknown): void => void codes.push(error instanceof MessagingError && error.code);
  await workOn({ bytes, claims, attempt: 1, signal: new AbortController().signal }, receiver, line, { replyTargets: ['replies'], maxAttempts: 3, onError });

  expect([handle.mock.calls.length, written, codes]).toEqual([runs, expected, runs === 1 ? [] : ['transport.timeout']]);
});

describe('a dead letter that cannot be written', () => {
  const given = () => {
    const written: string[] = [];
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, ({ payload }) => {
      written.push(`handled ${payload.Patient.id}`);
      return { code: payload.Patient.id === 'first' ? 'fatal-error' : 'ok' };
    });
    let failures = 0;
    const publishDead = (): Promise<void> => {
      written.push('dead');
      return (failures += 1) < 3 ? Promise.reject(new MessagingError('transport.failed', 'The queue has no room.', { delivery: 'no' })) : Promise.resolve();
    };
    const signal = new AbortController().signal;
    const line = { publishReply: () => Promise.resolve(), publishDead, wait: () => Promise.resolve() };
    const { run } = inOrder();
    const work = (id: string, own: Partial<QueueLine>) => {
      const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' });
      return run('key', () => workOn({ bytes, claims: [], attempt: 1, signal }, receiver, { ...line, ...own }, {}));
    };
    return { written, work };
  };

  it('is written again, before anything behind it in its order begins', async () => {
    const { written, work } = given();

    expect(await Promise.all([work('first', {}), work('second', {})])).toEqual(['acknowledge', 'acknowledge']);
    expect(written).toEqual(['handled first', 'dead', 'dead', 'dead', 'handled second']);
  });

  it('gives its message back where no order is kept', async () => {
    const { written, work } = given();

    expect(await work('first', { publishAgain: () => Promise.resolve() })).toBe('return');
    expect(written).toEqual(['handled first', 'dead']);
  });
});

it('a reply goes out once, however often only the dead letter behind it could not be written', async () => {
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'transient-error' }));
  const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const claims = [{ property: 'replyTarget', name: 'reply-to', value: 'replies' }] as const;
  const full = new MessagingError('transport.failed', 'The queue has no room.', { delivery: 'no' });
  const publishReply = vi.fn().mockRejectedValueOnce(full).mockResolvedValue(undefined);
  const publishDead = vi.fn().mockRejectedValueOnce(full).mockRejectedValueOnce(full).mockResolvedValue(undefined);
  const line = { publishReply, publishDead, wait: () => Promise.resolve() };
  const end = await workOn({ bytes, claims, attempt: 1, signal: new AbortController().signal }, receiver, line, { replyTargets: ['replies'], maxAttempts: 2 });

  expect([end, publishReply.mock.calls.length, publishDead.mock.calls.length]).toEqual(['acknowledge', 2, 3]);
});

describe('a reply whose queue is gone', () => {
  it.each([
    ['ok', ['reply']],
    ['fatal-error', ['reply', 'dead']],
  ] as const)('of %s: a failure that nobody is told of is a dead letter, %j', async (code, expected) => {
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => ({ code }));
    const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
    const claims = [{ property: 'replyTarget', name: 'reply-to', value: 'replies' }] as const;
    const written: string[] = [];
    const codes: unknown[] = [];
    const publishReply = (): Promise<void> => {
      written.push('reply');
      return Promise.reject(new MessagingError('address.refused', 'No queue takes the message.', { delivery: 'no' }));
    };
    const line = { publishReply, publishDead: () => Promise.resolve(void written.push('dead')), wait: () => Promise.resolve() };
    const onError = (error: unknown): void => void codes.push(error instanceof MessagingError && error.code);
    const end = await workOn({ bytes, claims, attempt: 1, signal: new AbortController().signal }, receiver, line, { replyTargets: ['replies'], onError });

    expect([end, written]).toEqual(['acknowledge', expected]);
    expect(codes).toEqual(code === 'ok' ? ['address.refused'] : ['address.refused', 'message.invalid']);
  });
});
