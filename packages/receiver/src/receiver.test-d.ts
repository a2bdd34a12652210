import { createMessage, defineEvent } from '@fhir-messaging/core';
import type { BundleGraph, EventContract, Message, ReliableCache, ReplyContent } from '@fhir-messaging/core';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expectTypeOf, it } from 'vitest';
import { createReceiver, httpHandler, memoryCache, toNodeHandler } from './index.ts';
import type { HttpHandlerOptions, NodeRequest, NodeResponse, ProcessResult, Receiver } from './index.ts';

const table = {
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'consequence',
  focus: ['Patient'],
  payload: { Patient: '1..1', Coverage: '0..*' },
} as const;
const admit: EventContract<typeof table> = defineEvent(table);
const source = 'https://manager.example.org';
const receiver = createReceiver({ source });

describe('Receiver.on', () => {
  it("types the handler's input by the event", () => {
    receiver.on(admit, ({ message, graph, payload, sender, signal, context }) => {
      expectTypeOf(message).toEqualTypeOf<Message<typeof admit>>();
      expectTypeOf(message.event).toEqualTypeOf(admit);
      expectTypeOf(graph).toEqualTypeOf<BundleGraph>();
      expectTypeOf(payload.Patient.resourceType).toEqualTypeOf<'Patient'>();
      expectTypeOf(payload.Coverage[0]?.resourceType).toEqualTypeOf<'Coverage' | undefined>();
      expectTypeOf(sender).toEqualTypeOf<string | undefined>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context).toEqualTypeOf<undefined>();
      expectTypeOf(payload).not.toHaveProperty('Location');
    });
  });

  it('chains, and takes handlers that answer at once, later, or not at all', () => {
    const content: ReplyContent = { code: 'ok' };
    expectTypeOf(receiver.on(admit, () => content)).toEqualTypeOf<Receiver>();
    receiver
      .on(admit, async () => content)
      .on(admit, () => undefined)
      .on(admit, async () => {
        await Promise.resolve();
      })
      .on(admit, async ({ sender }) => (sender === undefined ? undefined : content));
    // @ts-expect-error 'done' is no response code
    receiver.on(admit, () => ({ code: 'done' }));
    // @ts-expect-error a string is no reply
    receiver.on(admit, () => 'ok');
  });
});

describe('a context', () => {
  const withTenant = createReceiver<{ tenant: string }>({ source });

  it('reaches the handler, and is asked for', () => {
    withTenant.on(admit, ({ context }) => {
      expectTypeOf(context).toEqualTypeOf<{ tenant: string }>();
    });
    void withTenant.process('', { context: { tenant: 'a' } });
    httpHandler(withTenant, { context: () => ({ tenant: 'a' }) });
    httpHandler(withTenant, { context: async (request, sender) => ({ tenant: `${request.url} ${sender ?? ''}` }) });
    // @ts-expect-error its handlers count on a tenant
    void withTenant.process('');
    // @ts-expect-error its handlers count on a tenant
    void withTenant.process('', { sender: 'a' });
    // @ts-expect-error its handlers count on a tenant
    httpHandler(withTenant);
    // @ts-expect-error its handlers count on a tenant
    httpHandler(withTenant, { authenticate: () => 'a' });
  });

  it('is not asked for where none is named, nor where it may be missing', () => {
    expectTypeOf(receiver.process('')).toEqualTypeOf<Promise<ProcessResult>>();
    void receiver.process(new Uint8Array(), { sender: 'a', signal: AbortSignal.timeout(1) });
    void receiver.process(createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source }).bundle);
    httpHandler(receiver);
    void createReceiver<{ tenant: string } | undefined>({ source }).process('');
    const options: HttpHandlerOptions = { limits: { maxBytes: 1 } };
    httpHandler(receiver, options);
  });
});

describe('ports', () => {
  it("node:http's own request and response fit", () => {
    expectTypeOf<IncomingMessage>().toExtend<NodeRequest>();
    expectTypeOf<ServerResponse>().toExtend<NodeResponse>();
    createServer(toNodeHandler(httpHandler(receiver)));
  });

  it('a Fetch handler is any function from Request to Response', () => {
    expectTypeOf(httpHandler(receiver)).toEqualTypeOf<(request: Request) => Promise<Response>>();
  });

  it('the memory cache is a ReliableCache', () => {
    expectTypeOf(memoryCache()).toEqualTypeOf<ReliableCache>();
  });
});
