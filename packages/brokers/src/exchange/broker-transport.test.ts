import { createMessage, createMessenger, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import type { TraceContext } from '../mapping/message-properties.ts';
import { brokerTransport } from './broker-transport.ts';
import type { BrokerLine } from './broker-transport.ts';
import { waitingReplies } from './waiting-replies.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const source = 'https://app.example.org';
const admission = () => createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source });
const messengerOver = (line: Pick<BrokerLine, 'publish' | 'replies'>): Messenger => createMessenger({ transport: brokerTransport({ maxMessageBytes: 1_000_000, ...line }, { confirmTimeoutMs: 20 }), source, retry: { maxAttempts: 1 } });

describe('a reply that comes before its request was confirmed', () => {
  it.each([
    ['the connection is lost', () => Promise.reject(new Error('connection lost'))],
    ['no confirmation comes', () => new Promise<never>(() => undefined)],
  ])('is the reply all the same, where %s then: who answered has the message', async (_, then) => {
    const waiting = waitingReplies();
    const messenger = messengerOver({
      replies: { waiting, ready: () => Promise.resolve('replies') },
      publish({ message }, _signal, mayHaveArrived) {
        mayHaveArrived();
        expect(waiting.take(createReply(message, { source: 'https://ward.example.org' }).bytes)).toBe(true);
        return then();
      },
    });

    expect(await messenger.send(admission())).toMatchObject({ kind: 'ok' });
  });
});

describe('a publishing that takes its time', () => {
  it('is given any, where confirmTimeoutMs is Infinity', async () => {
    const publish = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20));
    const transport = brokerTransport({ maxMessageBytes: 1_000_000, publish }, { confirmTimeoutMs: Infinity });

    expect(await createMessenger({ transport, source, retry: { maxAttempts: 1 } }).send(admission())).toMatchObject({ kind: 'accepted' });
  });
});

it('takes a trace that is an instance of a class, by its getters', async () => {
  const publish = vi.fn<BrokerLine['publish']>().mockResolvedValue();
  const trace: TraceContext = Object.create({ traceparent: '00-1-2-01', tracestate: 'a=b' });
  const transport = brokerTransport({ maxMessageBytes: 1_000_000, publish }, { trace: () => trace });
  await createMessenger({ transport, source }).send(admission());

  expect(publish.mock.calls.map(([{ properties }]) => properties)).toMatchObject([{ traceparent: '00-1-2-01', tracestate: 'a=b' }]);
});

describe('a publishing that fails', () => {
  it.each([
    ['before anything could arrive: delivery no', false, 'no'],
    ['afterwards: delivery unknown', true, 'unknown'],
  ])('%s', async (_, mayArrive, delivery) => {
    const messenger = messengerOver({
      publish(_publication, _signal, mayHaveArrived) {
        if (mayArrive) mayHaveArrived();
        return Promise.reject(new Error('no such topic function'));
      },
    });

    await expect(messenger.send(admission())).rejects.toMatchObject({ code: 'transport.failed', delivery });
  });
});

it.each(['trace', 'orderBy'])('sends nothing where %s throws: delivery no, with the error as its cause', async (option) => {
  const publish = vi.fn<BrokerLine['publish']>().mockResolvedValue();
  const cause = new Error('no such patient');
  const fail = (): never => {
    throw cause;
  };
  const transport = brokerTransport({ maxMessageBytes: 1_000_000, publish }, { orderingSecret: 'sixteen bytes or more', [option]: fail });

  await expect(createMessenger({ transport, source, retry: { maxAttempts: 1 } }).send(admission())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause });
  expect(publish).not.toHaveBeenCalled();
});

describe('a message whose reply could not come in', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const lost = new MessagingError('transport.failed', 'There is no such topic.');

  it.each([
    ['the reason that is known', () => lost, lost],
    ['the time where none is', undefined, expect.objectContaining({ message: 'It was not there within 20 ms.' })],
  ])('is not sent, and its send does not wait without end: delivery no, with %s as its cause', async (_, obstacle, cause) => {
    const published: unknown[] = [];
    const messenger = messengerOver({
      replies: { waiting: waitingReplies(), ready: never, ...(obstacle && { obstacle }) },
      publish: (publication) => (published.push(publication), Promise.resolve()),
    });

    await expect(messenger.send(admission())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause });
    expect(published).toEqual([]);
  });
});

describe('a message that is about to leave', () => {
  it('does not, where whoever is asked then aborts it: after all that it waits for is there', async () => {
    const steps: string[] = [];
    const controller = new AbortController();
    const messenger = messengerOver({
      replies: { waiting: waitingReplies(), ready: () => (steps.push('ready'), Promise.resolve('replies')) },
      publish: () => (steps.push('publish'), Promise.resolve()),
    });
    const onLeaving = (): void => {
      steps.push('leaving');
      controller.abort(new Error('signed out'));
    };

    await expect(messenger.send(admission(), { signal: controller.signal, onLeaving })).rejects.toThrow('signed out');
    expect(steps).toEqual(['ready', 'leaving']);
  });
});
