import { createMessenger, isMessagingError } from '@fhir-messaging/core';
import type { Issue, Message, MessagingError, ReplyContent, Transport } from '@fhir-messaging/core';
import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp1 from '@fhir-messaging/brokers/amqp-1-0';
import type { WorkOptions } from '@fhir-messaging/brokers';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTo, createServer } from 'node:net';
import { Connection as RabbitClient } from 'rabbitmq-client';
import type { AsyncMessage, Connection as RabbitConnection } from 'rabbitmq-client';
import type { Connection as RheaConnection } from 'rhea';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { admission, admit } from '../storage/events.ts';
import { connect as connect091 } from './rabbitmq-091.ts';
import { connect as connect10 } from './bare-amqp-1-0.ts';

const url = inject('rabbitUrl');

describe.skipIf(url === '').each(['0-9-1', '1.0'])('AMQP %s, where the broker does not do what it should', (protocol) => {
  let administration: RabbitConnection;
  let connection: RheaConnection;
  beforeAll(async () => {
    administration = await connect091(url);
    connection = await connect10(url);
  });
  afterAll(() => {
    connection.close();
    administration.unsafeDestroy();
  });

  const transportTo = (to: string | ((message: Message) => string)): Transport & { close(): Promise<void> } =>
    protocol === '0-9-1' ? amqpTransport(administration, { to, replyQueue: false }) : amqp1.amqpTransport(connection, { to, addressOf: amqp1.rabbit3Address, replies: false });
  const receive = (receiver: Receiver, queue: string, options: WorkOptions<undefined> & { readonly order?: 'strict' }): { close(): Promise<void> } =>
    protocol === '0-9-1'
      ? amqpReceiver(administration, receiver, { retryDelaysMs: [10], ...options, queue })
      : amqp1.amqpReceiver(connection, receiver, { retryDelaysMs: [10], ...options, queue, addressOf: amqp1.rabbit3Address });
  const addressOf = protocol === '0-9-1' ? amqp1.plainAddress : amqp1.rabbit3Address;
  const failureOf = async (transport: Transport): Promise<MessagingError> => {
    const error: unknown = await createMessenger({ transport, retry: { maxAttempts: 1 } }).send(admission()).then(() => undefined, (reason: unknown) => reason);
    if (!isMessagingError(error)) throw new Error('no MessagingError', { cause: error });
    return error;
  };
  const countOf = async (queue: string): Promise<number> => (await administration.queueDeclare({ queue, passive: true })).messageCount;

  it('a message that no queue takes was sent to nowhere: address.refused, delivery no', async () => {
    const transport = transportTo(`none.${randomUUID()}`);
    expect(await failureOf(transport)).toMatchObject({ code: 'address.refused', delivery: 'no' });
    await transport.close();
  });

  it('of many at once, those that no queue takes are told from those that one has', async () => {
    const queue = `some.${randomUUID()}`;
    await declareQueues(administration, { queue, type: 'classic' });
    const messages = Array.from({ length: 60 }, admission);
    const lost = new Set(messages.filter((_, position) => position % 3 === 1));
    const transport = transportTo((message) => (lost.has(message) ? `none.${queue}` : queue));
    const messenger = createMessenger({ transport, retry: { maxAttempts: 1 } });
    const ends = await Promise.all(messages.map((message) => messenger.send(message).then(({ kind }) => kind, (error: unknown) => isMessagingError(error) && error.code)));

    expect(ends).toEqual(messages.map((message) => (lost.has(message) ? 'address.refused' : 'accepted')));
    expect(await countOf(queue)).toBe(40);
    await transport.close();
    await administration.queueDelete(queue);
  });

  it('a message that a queue has no room for is transport.failed', async () => {
    const queue = `full.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true, arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    const transport = transportTo(queue);
    expect((await createMessenger({ transport }).send(admission())).kind).toBe('accepted');
    expect(await failureOf(transport)).toMatchObject({ code: 'transport.failed' });
    await transport.close();
    await administration.queueDelete(queue);
  });

  it('what cannot be put to the dead letters is not acknowledged, and is a dead letter once it can be', async () => {
    const queue = `poison.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    const publisher = administration.createPublisher({ confirm: true });
    await publisher.send({ routingKey: queue, durable: true, contentType: 'application/fhir+json' }, Buffer.from('{'));
    const errors: unknown[] = [];
    const receiving = receive(createReceiver({ source: 'https://ward.example.org' }), queue, { onError: (error) => void errors.push(error) });
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    expect(errors[0]).toMatchObject({ code: 'address.refused', message: expect.stringContaining(protocol === '0-9-1' ? `No queue "${queue}.dead" takes` : '') });

    await administration.queueDeclare({ queue: `${queue}.dead`, durable: true });
    await expect.poll(() => countOf(`${queue}.dead`)).toBe(1);
    await receiving.close();
    expect(await countOf(queue)).toBe(0);
    await publisher.close();
    for (const name of [queue, `${queue}.dead`]) await administration.queueDelete(name);
  });

  it('strict: what cannot be put to the dead letters holds its key until it can be, and nothing of that key is handled meanwhile', async () => {
    const queue = `ordered.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    const transport = transportTo(queue);
    const messenger = createMessenger({ transport });
    for (let count = 0; count < 2; count += 1) await messenger.send(admission(), { async: true });
    const errors: unknown[] = [];
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => ((runs += 1) === 1 ? { code: 'fatal-error' } : undefined));
    const receiving = receive(receiver, queue, { order: 'strict', onError: (error) => void errors.push(error) });
    await expect.poll(() => errors.length).toBeGreaterThan(2);
    expect(runs).toBe(1);

    await administration.queueDeclare({ queue: `${queue}.dead`, durable: true });
    await expect.poll(() => runs).toBe(2);
    expect(await countOf(`${queue}.dead`)).toBe(1);
    await receiving.close();
    expect(await countOf(queue)).toBe(0);
    await transport.close();
    for (const name of [queue, `${queue}.dead`]) await administration.queueDelete(name);
  });

  it('x-delivery-limit of a quorum queue: a message that ends whoever works on it is a dead letter of the broker after so many deliveries', async () => {
    const queue = `deadly.${randomUUID()}`;
    await declareQueues(administration, { queue, type: 'quorum', deliveryLimit: 2, retryDelaysMs: [10] });
    const publisher = administration.createPublisher({ confirm: true });
    const { bytes } = admission();
    await publisher.send({ routingKey: queue, durable: true, contentType: 'application/fhir+json' }, Buffer.from(bytes));
    let runs = 0;
    let deaths = 0;
    for (let lives = 1; deaths === 0 && lives < 10; lives += 1) {
      // A handler that never ends: with it its process would, and with that the connection.
      const own = protocol === '0-9-1' ? await connect091(url) : await connect10(url);
      const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => new Promise<void>(() => void (runs += 1)));
      if (own instanceof RabbitClient) amqpReceiver(own, receiver, { queue });
      else amqp1.amqpReceiver(own, receiver, { queue, addressOf: amqp1.rabbit3Address });
      await vi.waitFor(
        async () => {
          deaths = await countOf(`${queue}.dead`);
          expect(runs === lives || deaths > 0).toBe(true);
        },
        { timeout: 20_000 },
      );
      if (own instanceof RabbitClient) own.unsafeDestroy();
      else own.close();
    }
    // The first delivery, and two more.
    expect(runs).toBe(3);
    const taken: AsyncMessage[] = [];
    const consumer = administration.createConsumer({ queue: `${queue}.dead`, queueOptions: { passive: true } }, (message) => void taken.push(message));
    await expect.poll(() => taken).toHaveLength(1);
    expect(new Uint8Array(taken[0]?.body)).toEqual(bytes);
    expect(taken[0]?.contentType).toBe('application/fhir+json');
    expect(taken[0]?.headers?.['x-first-death-reason']).toBe('delivery_limit');
    await consumer.close();
    await publisher.close();
    for (const name of [queue, `${queue}.dead`, `${queue}.retry.10`]) await administration.queueDelete(name);
  });

  it('closing waits for handlers, and not for the next attempt of anything; what is given back meanwhile is not handed over here again and again, and counted', async () => {
    const queue = `waiting.${randomUUID()}`;
    await declareQueues(administration, { queue, type: 'quorum', deliveryLimit: 3, retryDelaysMs: [10] });
    const publisher = administration.createPublisher({ confirm: true });
    for (let count = 0; count < 2; count += 1) await publisher.send({ routingKey: queue, durable: true, contentType: 'application/fhir+json' }, Buffer.from(admission().bytes));
    let runs = 0;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, async () => {
      runs += 1;
      if (runs === 1) return { code: 'transient-error' };
      await ended;
      return undefined;
    });
    const receiving = receive(receiver, queue, { order: 'strict', retryDelaysMs: [60_000] });
    await expect.poll(() => runs).toBe(2);
    const start = performance.now();
    const closing = receiving.close();
    setTimeout(end, 500);
    await closing;

    expect(performance.now() - start).toBeLessThan(5000);
    await expect.poll(() => countOf(queue)).toBe(1);
    expect([runs, await countOf(`${queue}.dead`)]).toEqual([2, 0]);
    await publisher.close();
    for (const name of [queue, `${queue}.dead`, `${queue}.retry.10`]) await administration.queueDelete(name);
  });

  it('what is closed before it is open breaks no connection', async () => {
    const queue = `brief.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    let lost = 0;
    const count = (): void => void (lost += 1);
    connection.on('disconnected', count);
    const receiving = receive(createReceiver({ source: 'https://ward.example.org' }), queue, {});
    // The client has said that a session begins, and the broker has not answered yet.
    await new Promise(setImmediate);
    const early = receiving.close();
    const transport = transportTo(queue);
    const sent = createMessenger({ transport }).send(admission());
    await early;
    expect((await sent).kind).toBe('accepted');
    expect(lost).toBe(0);
    connection.removeListener('disconnected', count);
    await transport.close();
    await administration.queueDelete(queue);
  });

  it('a reply whose queue is gone is reported, and its request is done', async () => {
    const queue = `gone.${randomUUID()}`;
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [10] });
    const publisher = administration.createPublisher({ confirm: true });
    const errors: unknown[] = [];
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => void (runs += 1));
    await publisher.send({ routingKey: queue, durable: true, contentType: 'application/fhir+json', replyTo: addressOf('fhir.replies.gone') }, Buffer.from(admission().bytes));
    const receiving = receive(receiver, queue, { replyTargets: [addressOf('fhir.replies.gone')], onError: (error) => void errors.push(error) });
    await expect.poll(() => errors).toHaveLength(1);
    await receiving.close();

    expect(errors[0]).toMatchObject({ code: 'address.refused' });
    expect(runs).toBe(1);
    expect(await countOf(queue)).toBe(0);
    expect(await countOf(`${queue}.dead`)).toBe(0);
    await publisher.close();
    for (const name of [queue, `${queue}.dead`, `${queue}.retry.10`]) await administration.queueDelete(name);
  });
});

describe.skipIf(url === '')('AMQP 0-9-1, a reply queue when its transport is closed', () => {
  it.each([
    ['stays, with the reply in it, where its name is the app’s', true],
    ['goes, where it is the transport’s own', false],
  ])('%s', async (_, isNamed) => {
    const administration = await connect091(url);
    const queue = `named.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    const replyQueue = isNamed ? `${queue}.replies` : undefined;
    const transport = amqpTransport(administration, { to: queue, replyQueue });
    const messenger = createMessenger({ transport, retry: { maxAttempts: 1 } });
    await messenger.send(admission(), { async: true });
    const sent = await administration.basicGet({ queue, noAck: true });
    await transport.close();

    const target = String(sent?.replyTo);
    const administered = await connect091(url);
    const found = await administered.queueDeclare({ queue: target, passive: true }).then(() => true, () => false);
    expect([target === replyQueue, found]).toEqual([isNamed, isNamed]);
    for (const name of [queue, ...(replyQueue ? [replyQueue] : [])]) await administration.queueDelete(name);
    administered.unsafeDestroy();
    administration.unsafeDestroy();
  });
});

describe.skipIf(url === '')('AMQP 0-9-1, a reply queue that cannot be listened to', () => {
  it('is seldom tried again where the app declared it otherwise: onError is told, each send fails, and other work on the connection does not', async () => {
    const administration = await connect091(url);
    const queue = `otherwise.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    const onError = vi.fn();
    const transport = amqpTransport(administration, { to: queue, replyQueue: queue, onReply: () => undefined, onError });
    await expect.poll(() => onError).toHaveBeenCalled();
    for (const end = performance.now() + 2500; performance.now() < end; ) await administration.queueDeclare({ queue, passive: true });

    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'PRECONDITION_FAILED' })]]);
    for (let sends = 0; sends < 5; sends += 1) {
      let isOver = false;
      const send = createMessenger({ transport, retry: { maxAttempts: 1 } }).send(admission());
      const failed = expect(send.finally(() => (isOver = true))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no' });
      while (!isOver) await administration.queueDeclare({ queue, passive: true });
      await failed;
    }
    await transport.close();
    await administration.queueDelete(queue);
    administration.unsafeDestroy();
  });

  it.each(['close', 'unsafeDestroy'] as const)('is tried no more once the connection is closed by its owner, who never reached the broker: %s', async (end) => {
    const connection = new RabbitClient({ url: 'amqp://127.0.0.1:1', acquireTimeout: 50 });
    connection.on('error', () => undefined);
    const onError = vi.fn();
    amqpTransport(connection, { to: 'q', replyQueue: 'replies', onReply: () => undefined, onError });
    await expect.poll(() => onError).toHaveBeenCalledTimes(2);
    await connection[end]();
    await new Promise((resolve) => setTimeout(resolve, 2500));

    expect(onError.mock.calls.flat()).toEqual(Array.from({ length: 2 }, () => expect.objectContaining({ code: 'TIMEOUT' })));
  });
});

describe.skipIf(url === '').each(['0-9-1', '1.0'])('AMQP %s, a reply queue that the app named', (protocol) => {
  it('has its replies taken by the next process as soon as that has a transport: nothing needs to be sent', async () => {
    const administration = await connect091(url);
    const connection = await connect10(url);
    const queue = `next.${randomUUID()}`;
    const replyQueue = `${queue}.replies`;
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs: [10] });
    if (protocol === '1.0') await administration.queueDeclare({ queue: replyQueue, durable: true });
    const open = (onReply: (reply: Uint8Array) => unknown): Transport & { close(): Promise<void> } =>
      protocol === '0-9-1'
        ? amqpTransport(administration, { to: queue, replyQueue, onReply })
        : amqp1.amqpTransport(connection, { to: queue, addressOf: amqp1.rabbit3Address, replies: { queue: replyQueue }, onReply });
    const addressOf = protocol === '0-9-1' ? amqp1.plainAddress : amqp1.rabbit3Address;
    const before = open(() => undefined);
    await createMessenger({ transport: before }).send(admission(), { async: true });
    await before.close();
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => undefined);
    const options = { queue, replyTargets: [addressOf(replyQueue)] };
    const receiving = protocol === '0-9-1' ? amqpReceiver(administration, receiver, options) : amqp1.amqpReceiver(connection, receiver, { ...options, addressOf: amqp1.rabbit3Address });
    const countOf = async (): Promise<number> => (await administration.queueDeclare({ queue: replyQueue, passive: true })).messageCount;
    await expect.poll(() => countOf()).toBe(1);

    const taken: Uint8Array[] = [];
    const after = open((reply) => void taken.push(reply));
    await expect.poll(() => taken).toHaveLength(1);
    await after.close();
    await receiving.close();
    for (const name of [queue, `${queue}.dead`, `${queue}.retry.10`, replyQueue]) await administration.queueDelete(name);
    connection.close();
    administration.unsafeDestroy();
  });
});

describe.skipIf(url === '')('AMQP 0-9-1, where headers are too large for one frame of who receives', () => {
  const retryDelaysMs = [1];
  /** What comes of one message to the queue of its replies or dead letters; who wrote it has larger frames. */
  async function comesOf(headers: Record<string, string>, say: () => ReplyContent, to: '.replies' | '.dead') {
    const administration = await connect091(url);
    const wide = new RabbitClient({ url, frameMax: 131_072 });
    wide.on('error', () => undefined);
    const queue = `wide.${randomUUID()}`;
    const names = [queue, `${queue}.dead`, `${queue}.retry.1`, `${queue}.replies`];
    await declareQueues(administration, { queue, type: 'classic', retryDelaysMs });
    await administration.queueDeclare({ queue: `${queue}.replies`, durable: true });
    const publisher = wide.createPublisher({ confirm: true });
    const says = { contentType: 'application/fhir+json', ...(to === '.replies' && { replyTo: queue + to }) };
    const message = admission();
    await publisher.send({ ...says, routingKey: queue, durable: true, headers }, Buffer.from(message.bytes));
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => {
      runs += 1;
      return say();
    });
    const receiving = amqpReceiver(administration, receiver, { queue, retryDelaysMs, maxAttempts: 3, replyTargets: ['wide.*'] });
    const taken: AsyncMessage[] = [];
    const consumer = wide.createConsumer({ queue: queue + to, queueOptions: { passive: true } }, (one) => void taken.push(one));
    consumer.on('error', () => undefined);
    await expect.poll(() => taken).not.toEqual([]);
    await receiving.close();
    const left = (await administration.queueDeclare({ queue, passive: true })).messageCount;
    await consumer.close();
    for (const name of names) await administration.queueDelete(name);
    wide.unsafeDestroy();
    administration.unsafeDestroy();
    return { runs, taken, left, bytes: message.bytes };
  }
  const long: Issue[] = Array.from({ length: 60 }, (_, position) => ({ severity: 'error', code: 'invalid', expression: [`Bundle.entry[${position}].resource.identifier[0].value.extension[2].valueString`] }));

  it('a dead letter goes without what does not fit beside its reason', async () => {
    const { runs, taken, left, bytes } = await comesOf({ 'x-own': 'y'.repeat(5000), traceparent: 'kept' }, () => ({ code: 'fatal-error', issues: long }), '.dead');

    expect([runs, taken.length, left]).toEqual([1, 1, 0]);
    expect(new Uint8Array(taken[0]?.body)).toEqual(bytes);
    expect(taken[0]?.headers).toMatchObject({ traceparent: 'kept', 'fhir-error-outcome': expect.stringContaining('Bundle.entry[1]') });
    expect(taken[0]?.headers).not.toHaveProperty('x-own');
  });

  it('a message is tried again as often as may be, and no more', async () => {
    const { runs, taken, left } = await comesOf({ tracestate: 'y'.repeat(9000) }, () => ({ code: 'transient-error' }), '.dead');

    expect([runs, taken.length, left]).toEqual([3, 1, 0]);
  });

  it('a reply goes without the trace that its request was written with', async () => {
    const { runs, taken, left } = await comesOf({ tracestate: 'y'.repeat(7900) }, () => ({}), '.replies');

    expect([runs, taken.length, left]).toEqual([1, 1, 0]);
    expect(taken[0]?.headers).toMatchObject({ 'fhir-response-code': 'ok' });
    expect(taken[0]?.headers).not.toHaveProperty('tracestate');
  });
});

describe.skipIf(url === '')('AMQP 0-9-1, where the connection is closed here while a message is under way', () => {
  it('the broker may have it, though it could not say so any more: delivery unknown', async () => {
    const administration = await connect091(url);
    const queue = `closing.${randomUUID()}`;
    await administration.queueDeclare({ queue, durable: true });
    const { port, deafen, stop } = await startDeafProxy(new URL(url).port);
    const through = new URL(url);
    through.port = String(port);
    const connection = await connect091(through.href);
    const transport = amqpTransport(connection, { to: queue, replyQueue: false });
    const messenger = createMessenger({ transport, retry: { maxAttempts: 1 } });
    expect((await messenger.send(admission())).kind).toBe('accepted');

    deafen();
    const failing = messenger.send(admission()).catch((error: unknown) => error);
    await expect.poll(async () => (await administration.queueDeclare({ queue, passive: true })).messageCount).toBe(2);
    connection.unsafeDestroy();

    expect(await failing).toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    expect(await messenger.send(admission()).catch((error: unknown) => error)).toMatchObject({ code: 'transport.failed', delivery: 'no' });
    await stop();
    await administration.queueDelete(queue);
    administration.unsafeDestroy();
  });
});

/** What lies between a client and its broker, and lets nothing of the broker's through once it is deaf. */
async function startDeafProxy(brokerPort: string): Promise<{ readonly port: number; readonly deafen: () => void; readonly stop: () => Promise<void> }> {
  let isDeaf = false;
  const server = createServer((client) => {
    const broker = connectTo(Number(brokerPort), '127.0.0.1');
    client.on('error', () => undefined).on('close', () => broker.destroy()).pipe(broker);
    broker.on('error', () => undefined).on('data', (chunk) => void (isDeaf || client.write(chunk)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    deafen: () => void (isDeaf = true),
    stop: async () => void (await once(server.close(), 'close')),
  };
}
