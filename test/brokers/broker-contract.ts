import { createMessage, createMessenger, defineEvent, isMessagingError, readMessage, toIssues } from '@fhir-messaging/core';
import type { EventContract, Message, Messenger, MessagingError, ReplyContent, Transport } from '@fhir-messaging/core';
import type { PropertyName } from '@fhir-messaging/brokers';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** A message as the broker's bare client has it, under the names of its protocol: `messageId`, `header cloudEvents:id`. */
export interface RawMessage {
  readonly bytes: Uint8Array;
  readonly says: Readonly<Record<string, string | undefined>>;
}

/** A transport that is closed after its test. */
type ClosableTransport = Transport & { close(): Promise<void> };

/** What a contract test asks of a transport. */
interface TransportChoice {
  readonly replies: boolean;
  readonly maxMessageBytes?: number;
  readonly orderingSecret?: string;
  readonly includeSubject?: boolean;
  readonly onReply?: (reply: Uint8Array) => unknown;
  readonly trace?: () => { readonly traceparent: string };
}

/** What a contract test asks of a receiver. */
interface ReceiverChoice {
  readonly order?: 'strict' | 'relaxed';
  readonly maxAttempts?: number;
  /** Whether replies may go anywhere. @defaultValue true */
  readonly mayReply?: boolean;
  readonly closeWithinMs?: number;
  readonly confirmTimeoutMs?: number;
  readonly onError?: (error: unknown) => void;
}

/** A fresh topic or queue of its own, with what it needs for retries and dead letters; the waits between attempts are short. */
interface Place {
  readonly transport: (choice: TransportChoice) => Promise<ClosableTransport>;
  readonly receive: (receiver: Receiver<undefined, unknown>, choice?: ReceiverChoice) => Promise<{ close(): Promise<void> }>;
  /** With the broker's bare client. */
  readonly publish: (message: RawMessage) => Promise<void>;
  /** The next message that nobody received, with the bare client; waits for it. */
  readonly take: () => Promise<RawMessage>;
  /** The next dead letter, with the bare client; waits for it. `outcome` is the text that says why. */
  readonly takeDead: () => Promise<RawMessage & { readonly outcome: string }>;
  /** How many messages wait in the place. */
  readonly count: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A broker under the contract. */
export interface BrokerUnderContract {
  /** What it calls each property: the mapping table of its binding, as its documents have it. */
  readonly names: Readonly<Partial<Record<PropertyName, string>>>;
  open(): Promise<Place>;
  close(): Promise<void>;
}

const table = { coding: { system: 'https://example.org/events', code: 'order' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } } as const;
const order: EventContract<typeof table> = defineEvent(table);

const source = 'https://app.example.org';
const sentinel = 'SENTINEL-OF-A-PATIENT';

function orderFor(patient: string, id: string): Message {
  const subject = { reference: `https://ehr.example.org/fhir/Patient/${patient}` };
  return createMessage(
    order,
    {
      Patient: { fullUrl: subject.reference, resource: { resourceType: 'Patient', id: patient, name: [{ family: sentinel }], identifier: [{ system: 'https://ehr.example.org/mrn', value: `${sentinel}-${patient}` }] } },
      ServiceRequest: { fullUrl: `https://ehr.example.org/fhir/ServiceRequest/${id}`, resource: { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject } },
    },
    { source, destination: 'https://laboratory.example.org' },
  );
}

function idOf(message: Message): string {
  return message.graph.all('ServiceRequest')[0]?.id ?? '';
}

/** What every broker's binding keeps. @param open - gives the broker; `undefined` where there is none, so that nothing runs. */
export function brokerContract(name: string, open: (() => Promise<BrokerUnderContract>) | undefined): void {
  describe.skipIf(open === undefined)(`a message through ${name}`, () => {
    let broker: BrokerUnderContract;
    let place: Place;
    const opened: { close(): Promise<unknown> }[] = [];

    beforeAll(async () => {
      broker = await open!();
    });
    afterAll(() => broker.close());
    afterEach(async () => {
      for (const one of opened.splice(0).reverse()) await one.close();
    });

    const started = async (): Promise<Place> => {
      place = await broker.open();
      opened.push(place);
      return place;
    };
    const kept = <T extends { close(): Promise<unknown> }>(one: T): T => {
      opened.push(one);
      return one;
    };
    const receiverOf = (handle: (message: Message, run: number) => ReplyContent | void | Promise<ReplyContent | void>): Receiver => {
      const runs = new Map<string, number>();
      return createReceiver({ source: 'https://laboratory.example.org' }).on(order, ({ message }) => {
        const run = (runs.get(idOf(message)) ?? 0) + 1;
        runs.set(idOf(message), run);
        return handle(message, run);
      });
    };
    const messengerOver = (transport: Transport): Messenger => createMessenger({ transport, source, retry: { maxAttempts: 1 } });
    const sending = async (choice: TransportChoice = { replies: true }): Promise<Messenger> => messengerOver(kept(await place.transport(choice)));
    const failure = async (promise: Promise<unknown>): Promise<MessagingError> => {
      const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
      if (!isMessagingError(error)) throw new Error('no MessagingError', { cause: error });
      return error;
    };

    it('arrives byte for byte, and its reply comes back to who waits for it', async () => {
      await started();
      const text = `${new TextDecoder().decode(orderFor('p1', 's1').bytes).slice(0, -1)} , "meta" : { "source" : "https:\\/\\/x.example" } }\n`;
      const message = readMessage(text, { event: order });
      let arrived: Uint8Array | undefined;
      kept(await place.receive(receiverOf((received) => void (arrived = received.bytes))));

      const reply = await (await sending()).send(message);

      expect(new TextDecoder().decode(arrived)).toBe(text);
      expect(reply.kind).toBe('ok');
    });

    it.each([
      ['waits for each reply', false],
      ['takes the replies when they come', true],
    ])('is the way out of an outbox that %s: in order, and every entry is settled by its reply', async (_, async) => {
      await started();
      const arrived: string[] = [];
      kept(await place.receive(receiverOf((message) => void arrived.push(idOf(message)))));
      const outboxes: Outbox[] = [];
      const transport = kept(await place.transport({ replies: true, onReply: (reply) => outboxes[0]?.accept(reply) }));
      const messenger = messengerOver(transport);
      const account = { issuer: 'i', baseUrl: source, clientId: 'c', user: 'u' };
      const outbox = kept(createOutbox({ store: memoryOutboxStore(), messenger, account, atLeast: 'ephemeral', events: [order], async }));
      outboxes.push(outbox);
      for (const id of ['s1', 's2', 's3']) await outbox.enqueue(orderFor('p1', id), { key: 'p1' });
      const states = async (): Promise<string[]> => (await outbox.list()).entries.map(({ state }) => state);
      expect([arrived, await states()]).toEqual([[], ['pending', 'pending', 'pending']]);
      await outbox.run();

      await expect.poll(() => states()).toEqual(['replied', 'replied', 'replied']);
      expect(arrived).toEqual(['s1', 's2', 's3']);
    });

    it('says by the mapping table what it is, and nothing of the patient', async () => {
      const { take } = await started();
      const message = orderFor('p1', 's1');
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await (await sending({ replies: true, orderingSecret: 'a secret of sixteen bytes', trace: () => ({ traceparent }) })).send(message, { async: true });
      const { bytes, says } = await take();
      const id = message.identity.message;
      const said = (property: PropertyName): string | undefined => says[broker.names[property] ?? ''];

      expect(bytes).toEqual(message.bytes);
      expect(said('contentType')).toBe('application/fhir+json; fhirVersion=4.0');
      expect(said('specVersion')).toBe('1.0');
      expect(said('messageId')).toBe(id);
      expect(said('envelopeId')).toBe(message.bundle.id);
      expect(said('correlationId')).toBe(id);
      expect(said('type')).toBe('https://example.org/events#order');
      expect(said('source')).toBe(source);
      expect(said('destination')).toBe('https://laboratory.example.org');
      expect(said('time')).toBe(message.bundle.timestamp);
      expect(said('traceparent')).toBe(traceparent);
      expect(said('orderingKey')).toMatch(/^[0-9a-f]{64}$/);
      expect(said('replyTarget')).toBeTruthy();
      expect(said('subject')).toBeUndefined();
      expect(JSON.stringify(says)).not.toMatch(/SENTINEL|Patient/);
    });

    it('says the focus only where that is asked for', async () => {
      const { take } = await started();
      await (await sending({ replies: false, includeSubject: true })).send(orderFor('p1', 's1'));
      const { says } = await take();
      expect(says[broker.names.subject ?? '']).toBe('https://ehr.example.org/fhir/ServiceRequest/s1');
    });

    it('each of many at once gets its own reply, and replies to others are ignored', async () => {
      await started();
      kept(await place.receive(receiverOf((message) => ({ focus: [{ resourceType: 'ServiceRequest', id: `of-${idOf(message)}`, status: 'active', intent: 'order', subject: {} }] }))));
      const [one, other] = [await sending(), await sending()];
      const ids = Array.from({ length: 40 }, (_, index) => `s${index}`);
      const replies = await Promise.all(ids.map(async (id, index) => [id, await (index % 2 === 0 ? one : other).send(orderFor('p1', id))] as const));

      for (const [id, reply] of replies) {
        expect(reply.kind === 'ok' && idOf(reply.message)).toBe(`of-${id}`);
      }
    });

    it('told not to wait, a send resolves with accepted once the broker has the message', async () => {
      const { count } = await started();
      const reply = await (await sending({ replies: false })).send(orderFor('p1', 's1'));
      expect(reply.kind).toBe('accepted');
      expect(await count()).toBe(1);
    });

    it('sent with async, the reply comes later, by messenger.accept', async () => {
      await started();
      kept(await place.receive(receiverOf(() => undefined)));
      let accept: (reply: Uint8Array) => unknown = () => undefined;
      const messenger = await sending({ replies: true, onReply: (reply) => accept(reply) });
      accept = (reply) => messenger.accept(reply);
      const reply = await messenger.send(orderFor('p1', 's1'), { async: true });

      expect(reply.kind).toBe('accepted');
      expect(reply.kind === 'accepted' && (await reply.later)?.kind).toBe('ok');
    });

    it('messages of one key are processed in the order in which they were sent, through retries (strict)', async () => {
      await started();
      const done: string[] = [];
      const receiver = receiverOf((message, run) => {
        if (run === 1 && Number(idOf(message).split('-')[1]) % 4 === 0) return { code: 'transient-error' };
        done.push(idOf(message));
        return undefined;
      });
      const messenger = await sending({ replies: false, orderingSecret: 'a secret of sixteen bytes' });
      const sent = Array.from({ length: 30 }, (_, index) => `p${index % 3}-${index}`);
      for (const id of sent) await messenger.send(orderFor(id.split('-')[0] ?? '', id));
      kept(await place.receive(receiver, { order: 'strict' }));

      await expect.poll(() => done, { timeout: 30_000 }).toHaveLength(30);
      for (const patient of ['p0', 'p1', 'p2']) {
        const ofPatient = (ids: readonly string[]): readonly string[] => ids.filter((id) => id.startsWith(patient));
        expect(ofPatient(done)).toEqual(ofPatient(sent));
      }
    });

    it('a message that comes twice is processed once, and both get the one reply', async () => {
      await started();
      let runs = 0;
      kept(await place.receive(receiverOf(() => void (runs += 1))));
      const [one, other] = [await sending(), await sending()];
      const message = orderFor('p1', 's1');
      const replies = [await one.send(message), await other.send(message)].map((reply) => (reply.kind === 'ok' ? reply.message.bundle : reply.kind));

      expect(replies[0]).toMatchObject({ type: 'message' });
      expect(replies[1]).toEqual(replies[0]);
      expect(runs).toBe(1);
    });

    it('what is no message is a dead letter, as it came, with the reason as an OperationOutcome, and those behind it go on', async () => {
      const { publish, takeDead } = await started();
      const bytes = new TextEncoder().encode(`{ "patient": "${sentinel}" `);
      await publish({ bytes, says: { [broker.names.contentType ?? '']: 'application/fhir+json' } });
      kept(await place.receive(receiverOf(() => undefined)));
      const dead = await takeDead();

      expect(dead.bytes).toEqual(bytes);
      expect(JSON.parse(dead.outcome)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'structure', diagnostics: 'rule json.invalid' }] });
      expect(dead.outcome).not.toContain('SENTINEL');
      expect((await (await sending()).send(orderFor('p1', 's1'))).kind).toBe('ok');
    });

    it.each(['messageId', 'envelopeId', 'type', 'source', 'time', 'correlationId', 'destination'] as const)('a present %s that the body contradicts is poison; the reason says which, never its value', async (property) => {
      const { publish, takeDead } = await started();
      const message = orderFor('p1', 's1');
      let runs = 0;
      await publish({ bytes: message.bytes, says: { [broker.names[property] ?? '']: sentinel } });
      kept(await place.receive(receiverOf(() => void (runs += 1))));
      const { outcome, bytes } = await takeDead();

      expect(bytes).toEqual(message.bytes);
      expect(outcome).toContain('rule broker.header');
      expect(outcome).toContain(broker.names[property]?.split(' ').at(-1));
      expect(outcome).not.toContain('SENTINEL');
      expect(runs).toBe(0);
    });

    it('absent properties are fine', async () => {
      const { publish } = await started();
      const seen: string[] = [];
      await publish({ bytes: orderFor('p1', 's1').bytes, says: {} });
      kept(await place.receive(receiverOf((message) => void seen.push(idOf(message)))));
      await expect.poll(() => seen).toEqual(['s1']);
    });

    it.each(['strict', 'relaxed'] as const)('a transient-error is tried again, and the outcome of the last attempt is the reply (%s)', async (mode) => {
      await started();
      const runs: number[] = [];
      kept(await place.receive(receiverOf((_, run) => (runs.push(run), run < 3 ? { code: 'transient-error' } : undefined)), { order: mode }));
      const reply = await (await sending()).send(orderFor('p1', 's1'));

      expect(reply.kind).toBe('ok');
      expect(runs).toEqual([1, 2, 3]);
    });

    it.each(['strict', 'relaxed'] as const)('what comes to no outcome within its attempts is a dead letter, and its sender is told transient-error (%s)', async (mode) => {
      const { takeDead } = await started();
      let runs = 0;
      kept(await place.receive(receiverOf(() => ((runs += 1), { code: 'transient-error', issues: [{ severity: 'error', code: 'transient', diagnostics: sentinel }] })), { order: mode, maxAttempts: 2 }));
      const message = orderFor('p1', 's1');
      const reply = await (await sending()).send(message);
      const { bytes, outcome } = await takeDead();

      expect(reply.kind).toBe('transient-error');
      expect(runs).toBe(2);
      expect(bytes).toEqual(message.bytes);
      expect(outcome).toContain('rule broker.attempts');
      expect(outcome).not.toContain('SENTINEL');
    });

    it('what a handler throws is tried again, and told to onError alone', async () => {
      await started();
      const errors: unknown[] = [];
      const receiver = createReceiver({ source, onError: (error) => void errors.push(error) });
      let runs = 0;
      receiver.on(order, () => {
        runs += 1;
        if (runs === 1) throw new Error(sentinel);
      });
      kept(await place.receive(receiver));
      expect((await (await sending()).send(orderFor('p1', 's1'))).kind).toBe('ok');
      expect(errors).toHaveLength(1);
    });

    it('a fatal-error that its sender is told of is done; one that nobody is told of is a dead letter', async () => {
      const { takeDead, publish } = await started();
      kept(await place.receive(receiverOf((message) => (idOf(message) === 'told' ? { code: 'fatal-error' } : { issues: [{ severity: 'error', code: 'business-rule' }] }))));
      const told = await (await sending()).send(orderFor('p1', 'told'));
      const untold = orderFor('p1', 'untold');
      await publish({ bytes: untold.bytes, says: {} });

      expect(told.kind).toBe('fatal-error');
      expect((await takeDead()).bytes).toEqual(untold.bytes);
    });

    it('content against its contract: the sender gets a fatal-error with the rule', async () => {
      await started();
      kept(await place.receive(receiverOf(() => undefined)));
      const lacking = new TextDecoder().decode(orderFor('p1', 's1').bytes).replaceAll('"resourceType":"ServiceRequest"', '"resourceType":"DeviceRequest"');
      const reply = await (await sending()).send(readMessage(lacking));
      expect(reply.kind).toBe('fatal-error');
      expect(reply.issues.length).toBeGreaterThan(0);
    });

    it('a reply goes nowhere but to a target of the list', async () => {
      await started();
      const errors: unknown[] = [];
      let runs = 0;
      kept(await place.receive(receiverOf(() => void (runs += 1)), { mayReply: false, onError: (error) => void errors.push(error) }));
      const stop = new AbortController();
      const waiting = (await sending()).send(orderFor('p1', 's1'), { signal: stop.signal });
      waiting.catch(() => undefined);
      await expect.poll(() => errors).toHaveLength(1);
      stop.abort(new Error('no reply'));

      await expect(waiting).rejects.toThrow('no reply');
      expect(toIssues(errors[0])).toMatchObject([{ rule: 'address.refused' }]);
      expect(runs).toBe(1);
    });

    it('a message past the limit is refused before it is sent, with its size and the limit', async () => {
      const { count } = await started();
      const message = orderFor('p1', 's1');
      const error = await failure((await sending({ replies: false, maxMessageBytes: 100 })).send(message));

      expect(error).toMatchObject({ code: 'input.limit', delivery: 'no' });
      expect(error.message).toContain(String(message.bytes.byteLength));
      expect(error.message).toContain('100');
      expect(await count()).toBe(0);
    });

    it('an aborted send rejects with its own reason', async () => {
      await started();
      const reason = new Error('the user went home');
      const stop = new AbortController();
      const messenger = await sending();
      const waiting = messenger.send(orderFor('p1', 's1'), { signal: stop.signal, onProgress: ({ kind }) => void (kind === 'attempt' && setImmediate(() => stop.abort(reason))) });
      await expect(waiting).rejects.toBe(reason);
    });

    it('closing a transport ends what waits, with closed, and nothing more is sent', async () => {
      const { count } = await started();
      const transport = await place.transport({ replies: true });
      const messenger = messengerOver(transport);
      const waiting = failure(messenger.send(orderFor('p1', 's1')));
      await expect.poll(() => count()).toBe(1);
      await transport.close();

      expect(await waiting).toMatchObject({ code: 'closed', delivery: 'unknown' });
      expect(await failure(messenger.send(orderFor('p1', 's2')))).toMatchObject({ code: 'closed', delivery: 'no' });
      expect(await count()).toBe(1);
    });

    it('closing a receiver waits for what runs; what it did not take stays for the next one', async () => {
      await started();
      const messenger = await sending({ replies: false });
      let goOn = (): void => undefined;
      const running = new Promise<void>((resolve) => (goOn = resolve));
      const done: string[] = [];
      const receiver = receiverOf(async (message) => {
        if (idOf(message) === 's0') await running;
        done.push(idOf(message));
      });
      await messenger.send(orderFor('p1', 's0'));
      const first = await place.receive(receiver, { order: 'strict' });
      await expect.poll(() => place.count()).toBe(0);
      let isClosed = false;
      const closing = first.close().then(() => (isClosed = true));
      await new Promise(setImmediate);
      expect(isClosed).toBe(false);
      goOn();
      await closing;
      expect(done).toEqual(['s0']);

      await messenger.send(orderFor('p1', 's1'));
      kept(await place.receive(receiver));
      await expect.poll(() => done).toEqual(['s0', 's1']);
    });

    it('a handler that does not end in time when a receiver is closed is aborted, and its message is handed over again', async () => {
      await started();
      const outcomes: string[] = [];
      let runs = 0;
      const receiver = createReceiver({ source }).on(order, async ({ signal }) => {
        runs += 1;
        if (runs > 1) return void outcomes.push('done');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        outcomes.push('aborted');
        signal.throwIfAborted();
      });
      await (await sending({ replies: false })).send(orderFor('p1', 's1'));
      const first = await place.receive(receiver, { closeWithinMs: 1 });
      await expect.poll(() => runs).toBe(1);
      await first.close();
      expect(outcomes).toEqual(['aborted']);

      kept(await place.receive(receiver));
      await expect.poll(() => outcomes).toEqual(['aborted', 'done']);
    });

    it('a handler that goes on all the same is not waited for: closing is bounded, and its message is handed over again', async () => {
      await started();
      const running: (() => void)[] = [];
      const receiver = (): Receiver => createReceiver({ source }).on(order, () => new Promise<void>((resolve) => void running.push(resolve)));
      await (await sending({ replies: false })).send(orderFor('p1', 's1'));
      const first = await place.receive(receiver(), { closeWithinMs: 1, confirmTimeoutMs: 1 });
      await expect.poll(() => running).toHaveLength(1);
      await first.close();

      // Another process, with a cache of its own.
      const second = await place.receive(receiver());
      await expect.poll(() => running).toHaveLength(2);
      for (const end of running) end();
      await second.close();
    });
  });
}
