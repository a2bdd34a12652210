import { bars, createMessage, defineEvent, readMessage } from '@fhir-messaging/core';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import { describe, expect, it, vi } from 'vitest';
import type { Claim } from '../mapping/property-table.ts';
import { consume } from './consume.ts';
import type { ConsumeOptions } from './consume.ts';
import type { BrokerDelivery } from './broker-delivery.ts';
import { report } from './report.ts';
import { workOn } from './work-on.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

/** A message that wants its reply somewhere, handed over once. */
function delivery(replyTarget: string): BrokerDelivery {
  const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const claims: readonly Claim[] = [{ property: 'replyTarget', name: 'reply-to', value: replyTarget }];
  return { bytes, claims, attempt: 1, signal: new AbortController().signal };
}

function consumed(options: ConsumeOptions<unknown>) {
  const errors: unknown[] = [];
  let runs = 0;
  const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => void (runs += 1));
  const verdict = consume(delivery('no url'), receiver, { ...options, onError: (error) => void errors.push(error) });
  return verdict.then(({ kind }) => ({ kind, runs, errors }));
}

describe('consume', () => {
  it('takes its options from an instance of a class too, by its methods and getters: who sent a message, its context, where replies may go', async () => {
    class WardOptions implements ConsumeOptions<string> {
      senderOf(): string {
        return 'ward';
      }
      context(): string {
        return 'night';
      }
      replyTargets(target: string, sender: string | undefined): boolean {
        return target === 'replies' && sender === 'ward';
      }
      get maxAttempts(): number {
        return 1;
      }
    }
    const given: unknown[] = [];
    const failing = createReceiver<string>({ source: 'https://ward.example.org' }).on(admit, ({ sender, context }) => {
      given.push(sender, context);
      return { code: 'transient-error' };
    });
    const verdicts = [await consume(delivery('replies'), failing, new WardOptions()), await consume(delivery('replies'), failing, new WardOptions(), 2)];

    expect(given).toEqual(['ward', 'night', 'ward', 'night']);
    expect(verdicts).toMatchObject([{ kind: 'dead', reply: { target: 'replies' } }, { kind: 'again' }]);
  });

  it('is done with a message whose reply target fails the list: nothing is handed over for ever, and the application is told', async () => {
    const replyTargets = (target: string): boolean => new URL(target).hostname === 'ward.example.org';

    expect(await consumed({ replyTargets })).toEqual({
      kind: 'done',
      runs: 1,
      errors: [expect.objectContaining({ code: 'ERR_INVALID_URL' }), expect.objectContaining({ code: 'address.refused', delivery: 'no' })],
    });
  });

  it('tries again where it cannot be told who sent it, and handles nothing', async () => {
    const fault = new Error('no such header');
    const senderOf = (): string => {
      throw fault;
    };

    expect(await consumed({ senderOf })).toEqual({ kind: 'again', runs: 0, errors: [fault] });
  });

  it('tries again where the cache fails before anything was begun, and the application is told, of which message too', async () => {
    const cache = { ...memoryCache(), lookUp: () => Promise.reject(new Error('the database is gone')) };
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org', cache }).on(admit, () => undefined);
    const onError = vi.fn();
    const kinds = [1, 10].map(async (attempt) => (await consume({ ...delivery('replies'), attempt }, receiver, { replyTargets: ['replies'], onError })).kind);

    expect(await Promise.all(kinds)).toEqual(['again', 'dead']);
    const told = [expect.objectContaining({ code: 'storage.unavailable' }), expect.objectContaining({ event: { uri: admit.uri } })];
    expect(onError.mock.calls).toEqual([told, told]);
  });

  it('names a message by MessageHeader.id, also where the receiver, and so its own onError, goes by Bundle.id', async () => {
    const message = delivery('');
    const { id, entry } = readMessage(message.bytes).bundle;
    const [own, ofReceiver] = [vi.fn(), vi.fn()];
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org', identity: bars, onError: ofReceiver }).on(admit, () => Promise.reject(new Error('the ward is closed')));
    const line = { publishReply: () => Promise.resolve(), publishDead: () => Promise.resolve(), wait: () => Promise.resolve() };
    await workOn({ ...message, claims: [] }, receiver, line, { maxAttempts: 1, onError: own });
    const named = (message: unknown) => [[expect.anything(), expect.objectContaining({ message })]];

    expect([own.mock.calls, ofReceiver.mock.calls]).toEqual([named(entry?.[0]?.resource?.id), named(id)]);
  });

  it.each(['fatal-error', 'transient-error'] as const)('takes a %s whose handler speaks of a duplicate for what it says, and not for a message that came before', async (code) => {
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on({ ...admit, reply: 'never' }, () => ({ code, issues: [{ severity: 'error', code: 'duplicate' }] }));
    const verdict = await consume({ ...delivery(''), claims: [] }, receiver, {});

    expect(verdict.kind).toBe(code === 'fatal-error' ? 'dead' : 'again');
  });

  it('counts nothing where the message is being processed elsewhere, and replies nothing: whoever has it does', async () => {
    const cache = memoryCache();
    let end = (): void => undefined;
    const running = new Promise<void>((resolve) => (end = resolve));
    const receiverOf = (handler: () => Promise<void>) => createReceiver<unknown>({ source: 'https://ward.example.org', cache, inFlight: { waitMs: 1, pollMs: 1 } }).on(admit, handler);
    const twice = { ...delivery('replies'), attempt: 10 };
    const first = consume(twice, receiverOf(() => running), { replyTargets: ['replies'] });
    const second = await consume(twice, receiverOf(() => Promise.reject(new Error('twice'))), { replyTargets: ['replies'] });

    expect(second).toMatchObject({ kind: 'again', afterMs: 1000, isUncounted: true, issues: [expect.objectContaining({ rule: 'cache.in-flight' })] });
    end();
    expect(await first).toMatchObject({ kind: 'done', reply: { target: 'replies' } });
  });

  it('counts nothing where the receiver is closed: no message becomes a dead letter that nobody looked at', async () => {
    const receiver = createReceiver<unknown>({ source: 'https://ward.example.org' }).on(admit, () => undefined);
    await receiver.close();

    expect(await consume({ ...delivery(''), attempt: 10 }, receiver, {})).toMatchObject({ kind: 'again', isUncounted: true });
  });
});

it('an onError that throws, or rejects, ends nothing: neither the work nor the process', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const fault = new Error('a fault in a log');
  const rejecting = (): unknown => Promise.reject(fault);
  const throwing = (): never => {
    throw fault;
  };
  for (const onError of [rejecting, throwing]) report(new Error('told'), { onError });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', unhandled);

  expect(unhandled).not.toHaveBeenCalled();
});
