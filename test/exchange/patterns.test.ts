import { createMessage, createReply, defineEvent, readMessage } from '@fhir-messaging/core';
import type { Message, ResponseRequest } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { messengerTo, serve, source } from './loopback.ts';
import type { Step } from './loopback.ts';
import { start } from './started.ts';

const coding = (code: string) => ({ system: 'https://example.org/events', code });
const admittedWanting = (reply: ResponseRequest) => defineEvent({ coding: coding('admitted'), category: 'notification', focus: ['Patient'], payload: { Patient: '1..1' }, reply });

const ward = 'https://ward.example.org';
const searchset = { resourceType: 'Bundle', type: 'searchset', total: 2, entry: [{ resource: { resourceType: 'Patient', id: '1' } }, { resource: { resourceType: 'Patient', id: '2' } }] } as const;

describe('message-based queries (exchanging-messaging.html#query)', () => {
  it('what is asked for is described by Parameters; the answer is a searchset in focus', async () => {
    const query = defineEvent({ coding: coding('patients-on-ward'), category: 'currency', focus: ['Parameters'], payload: { Parameters: '1..1' } });
    const asked: unknown[] = [];
    const receiver = createReceiver({ source: ward }).on(query, ({ payload }) => {
      asked.push(payload.Parameters.parameter?.[0]?.valueString);
      return { focus: [searchset] };
    });
    const server = await start(serve(httpHandler(receiver)));
    const message = createMessage(query, { Parameters: { resourceType: 'Parameters', parameter: [{ name: 'ward', valueString: '7' }] } }, { source });
    const reply = await messengerTo(server.url).messenger.send(message);

    expect(asked).toEqual(['7']);
    expect(reply.kind === 'ok' && reply.message.graph.focus).toMatchObject([searchset]);
  });

  it('the event may say it all: a query without a payload', async () => {
    const query = defineEvent({ coding: coding('everybody-here'), category: 'currency', focus: [], payload: {} });
    const receiver = createReceiver({ source: ward }).on(query, () => ({ focus: [searchset] }));
    const server = await start(serve(httpHandler(receiver)));
    const message = createMessage(query, {}, { source });

    expect(message.bundle.entry).toHaveLength(1);
    expect(await messengerTo(server.url).messenger.send(message)).toMatchObject({ kind: 'ok', message: { graph: { focus: [searchset] } } });
  });
});

describe('message-based notifications (exchanging-messaging.html#notify)', () => {
  it.each<[ResponseRequest, string]>([['always', 'ok'], ['on-error', 'processed'], ['never', 'processed']])('with a reply %s, a notification is acknowledged: %s', async (reply, kind) => {
    const admitted = admittedWanting(reply);
    const seen: unknown[] = [];
    const receiver = createReceiver({ source: ward }).on(admitted, ({ payload }) => void seen.push(payload.Patient.id));
    const server = await start(serve(httpHandler(receiver)));
    const message = createMessage(admitted, { Patient: { resourceType: 'Patient', id: '1' } }, { source });

    expect((await messengerTo(server.url).messenger.send(message)).kind).toBe(kind);
    expect(seen).toEqual(['1']);
  });

  it('the same payload goes to several receivers, each a message of its own', async () => {
    const admitted = admittedWanting('always');
    const servers = await Promise.all([1, 2].map(() => start(serve(httpHandler(createReceiver({ source: ward }).on(admitted, () => undefined))))));
    const messages = servers.map(({ url }) => createMessage(admitted, { Patient: { resourceType: 'Patient', id: '1' } }, { source, destination: url }));
    const replies = await Promise.all(servers.map(({ url }, position) => messengerTo(url).messenger.send(messages[position]!)));

    expect(replies.map(({ kind }) => kind)).toEqual(['ok', 'ok']);
    expect(new Set(messages.map(({ identity }) => identity.message)).size).toBe(2);
  });
});

describe('asynchronous messaging with a status check (exchanging-messaging.html#async)', () => {
  it('the order is taken over, the status check is answered at once, the reply comes later and quotes the order', async () => {
    const order = defineEvent({ coding: coding('order'), category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1' } });
    const statusCheck = defineEvent({ coding: coding('order-status'), category: 'currency', focus: ['Parameters'], payload: { Parameters: '1..1' } });
    const orders: Message[] = [];
    const checks = httpHandler(
      createReceiver({ source: ward }).on(statusCheck, ({ payload }) => {
        const known = orders.some(({ identity }) => identity.message === payload.Parameters.parameter?.[0]?.valueId);
        return { focus: [{ resourceType: 'Task', status: known ? 'in-progress' : 'rejected', intent: 'order' }] };
      }),
    );
    const lab: Step = async (incoming, outgoing) => {
      if (incoming.url?.includes('async=true') === true) {
        orders.push(readMessage(await text(incoming)));
        outgoing.end();
      } else {
        await serve(checks)(incoming, outgoing);
      }
    };
    const server = await start(lab);
    const { messenger } = messengerTo(server.url, { source });
    const message = messenger.create(order, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { display: 'somebody' } } }, { destination: ward });

    const taken = await messenger.send(message, { async: true });
    expect(taken.kind).toBe('accepted');

    const check = messenger.create(statusCheck, { Parameters: { resourceType: 'Parameters', parameter: [{ name: 'order', valueId: message.identity.message }] } });
    expect(await messenger.send(check)).toMatchObject({ kind: 'ok', message: { graph: { focus: [{ resourceType: 'Task', status: 'in-progress' }] } } });

    await messenger.accept(createReply(orders[0]!, { source: ward, focus: [{ resourceType: 'DiagnosticReport', status: 'final', code: {} }] }), { sender: ward });
    const reply = await (taken.kind === 'accepted' ? taken.later : undefined);
    expect(reply).toMatchObject({ kind: 'ok', matchedByRule: true, message: { graph: { focus: [{ resourceType: 'DiagnosticReport' }] } } });
  });
});
