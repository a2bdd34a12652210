import { bars, createMessage } from '@fhir-messaging/core';
import type { PayloadOf, ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { createReceiver } from './index.ts';
import { admit, counting, messageOf, replyOf, source, textOf } from '../test/admissions.ts';
import { held } from '../test/held.ts';

describe('createReceiver', () => {
  it('hands the message to the handler of its event, and answers with its reply', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver<{ tenant: string }>({ source }).on(admit, ({ message, graph, payload: { Patient }, sender, signal, context }) => {
      seen.push(message.event, graph === message.graph, Patient.name?.[0]?.family, sender, signal.aborted, context.tenant);
      return { focus: [Patient], issues: [{ severity: 'information', code: 'informational', diagnostics: 'Taken.' }] };
    });
    const message = messageOf();
    const result = await receiver.process(message.bytes, { sender: 'app', context: { tenant: 'a' } });

    expect(seen).toEqual([admit, true, 'Miller', 'app', false, 'a']);
    expect(result.status).toBe(200);
    expect(result.issues).toEqual([{ severity: 'information', code: 'informational', diagnostics: 'Taken.' }]);
    expect(JSON.parse(textOf(result))).toEqual(result.bundle);
    const reply = replyOf(result, message);
    expect(reply).toMatchObject({ code: 'ok', matched: 'MessageHeader.id', matchedByRule: true });
    expect(reply.message.graph.header).toMatchObject({ source: { endpoint: source }, destination: [{ endpoint: 'https://app.example.org' }] });
    expect(reply.message.graph.focus[0]).toMatchObject({ resourceType: 'Patient' });
  });

  it('gives handlers an input, and callers a result, whose copy has the payload and the bundle too, by getters that none has for itself', async () => {
    const given: object[] = [];
    const receiver = createReceiver({ source }).on(admit, (input) => {
      given.push(input);
      expect({ ...input }.payload.Patient).toBe(input.graph.all('Patient')[0]);
    });
    const results = [await receiver.process(messageOf().bytes), await receiver.process(messageOf().bytes)];
    const getters = (value: object | undefined): unknown[] => Object.values(Object.getOwnPropertyDescriptors(value)).flatMap((descriptor): unknown => Reflect.get(descriptor, 'get') ?? []);

    expect(results.map(({ status }) => status)).toEqual([200, 200]);
    expect({ ...results[0] }.bundle).toBe(results[0]?.bundle);
    for (const [one, another] of [given, results]) {
      expect(getters(one).length).toBeGreaterThan(0);
      expect(getters(one)).toEqual(getters(another));
    }
  });

  it('takes a message as bytes, text or value', async () => {
    const { receiver, runs } = counting();
    for (const input of [messageOf().bytes, new TextDecoder().decode(messageOf().bytes), messageOf().bundle]) {
      expect((await receiver.process(input)).status).toBe(200);
    }

    expect(runs()).toBe(3);
  });

  it.each([
    [false, false],
    [true, true],
  ])('hands on bytes that are its own as they are, plain ones, and a copy of any others: ownsBytes %s', async (ownsBytes, isSame) => {
    const given: Uint8Array[] = [];
    const receiver = createReceiver({ source }).on(admit, ({ message }) => void given.push(message.bytes));
    const { bytes } = messageOf();
    const padded = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('xx')]).subarray(2, -2);
    await receiver.process(padded, { ownsBytes });

    expect(given).toEqual([bytes]);
    expect(given[0]).not.toBeInstanceOf(Buffer);
    expect(given[0]?.buffer === padded.buffer).toBe(isSame);
  });

  it('takes bytes that are shared with other threads', async () => {
    const { receiver, runs } = counting();
    const { bytes } = messageOf();
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
    shared.set(bytes);

    expect(await receiver.process(shared, { ownsBytes: true })).toMatchObject({ status: 200 });
    expect(runs()).toBe(1);
  });

  it('takes nothing for ok', async () => {
    const receiver = createReceiver({ source }).on(admit, async () => undefined);
    const result = await receiver.process(messageOf().bytes);

    expect(replyOf(result).code).toBe('ok');
    expect(result.issues).toEqual([]);
  });

  it.each(['ok', 'fatal-error', 'transient-error'] as const)("says the reply's own code: %s, at first and when it comes again", async (code) => {
    const receiver = createReceiver({ source }).on(admit, () => ({ code }));
    const message = messageOf();
    const results = [await receiver.process(message.bytes), await receiver.process(message.bytes)];

    expect(results.map((result) => [result.responseCode, replyOf(result).code])).toEqual([
      [code, code],
      [code, code],
    ]);
  });

  it('says no code where there is no reply: one that nobody wants, and an error', async () => {
    const receiver = createReceiver({ source }).on({ ...admit, reply: 'never' }, () => undefined);

    expect(await receiver.process(messageOf().bytes)).toMatchObject({ status: 204, bytes: undefined, responseCode: undefined });
    expect(await receiver.process('{}')).toMatchObject({ status: 400, responseCode: undefined });
  });

  it('quotes what the strategy says: R4 MessageHeader.id, R5 Bundle.identifier, BaRS Bundle.id', async () => {
    const { receiver } = counting();
    const inR5 = messageOf({ release: 'R5' });

    expect(replyOf(await receiver.process(inR5.bytes), inR5)).toMatchObject({ matched: 'Bundle.identifier', matchedByRule: true });
    const message = messageOf();
    const { response } = replyOf(await counting({ identity: bars }).receiver.process(message.bytes)).message.graph.header ?? {};
    expect(response?.identifier).toBe(message.bundle.id);
  });

  it('gives replied resources the URLs of its base', async () => {
    const receiver = createReceiver({ source, base: 'https://manager.example.org/r4' }).on(admit, ({ payload: { Patient } }) => ({ focus: [{ ...Patient, id: '7' }] }));

    expect((await receiver.process(messageOf().bytes)).bundle?.entry?.[1]?.fullUrl).toBe('https://manager.example.org/r4/Patient/7');
  });

  it('takes a reply that is an instance of a class too: by its getters', async () => {
    class Admitted implements ReplyContent {
      get focus(): NonNullable<ReplyContent['focus']> {
        return [{ resourceType: 'Patient', id: '7' }];
      }
    }
    const message = messageOf();
    const result = await createReceiver({ source }).on(admit, () => new Admitted()).process(message.bytes);

    expect(replyOf(result, message).message.graph.focus).toMatchObject([{ id: '7' }]);
  });

  it('a copy under an id of its own keeps the text of its references: one that leads nowhere is refused, one that names its server is not', async () => {
    const receiver = createReceiver({ source }).on(admit, ({ payload }) => ({ focus: [{ ...payload.Patient, id: '7' }] }));
    const named = 'https://app.example.org/fhir/Organization/9';
    const patient = { resourceType: 'Patient', id: '1', managingOrganization: { reference: named } } as const;
    const referring = (reference: string): string =>
      JSON.stringify(createMessage(admit, { Patient: patient }, { source: 'https://app.example.org', base: 'https://app.example.org/fhir' }).bundle).replace(named, reference);

    expect((await receiver.process(messageOf().bytes)).bundle?.entry?.[1]?.resource).toMatchObject({ id: '7', name: [{ family: 'Miller' }] });
    expect(await receiver.process(referring('Organization/9'))).toMatchObject({ status: 500, issues: [{ rule: 'handler.reply' }] });
    expect(await receiver.process(referring(named))).toMatchObject({ status: 200, responseCode: 'ok' });
  });

  it.each([undefined, 'https://app.example.org/fhir'])('echoes a request whose resources refer to each other, and out of it where they have a server (%s)', async (base) => {
    const receiver = createReceiver({ source }).on(admit, ({ graph }) => ({ focus: graph.focus, include: graph.entries.slice(1).flatMap(({ resource }) => resource ?? []) }));
    const outside = base === undefined ? {} : { managingOrganization: { reference: 'Organization/9' } };
    const content: PayloadOf<typeof admit> = {
      Patient: { resourceType: 'Patient', id: '1', ...outside },
      Coverage: [{ resourceType: 'Coverage', id: 'c', status: 'active', beneficiary: { reference: 'Patient/1' }, payor: [{ reference: 'Patient/1' }] }],
    };
    const message = createMessage(admit, content, { source: 'https://app.example.org', base });
    const reply = replyOf(await receiver.process(message.bytes), message);

    expect(reply.message.graph.entries.slice(1)).toEqual(message.graph.entries.slice(1));
    expect(reply.message.graph.focus.map(({ id }) => id)).toEqual(['1']);
  });

  it('needs a source: a TypeError at once, and not when messages are handled', () => {
    for (const none of [undefined, null, '', 5, {}, { endpoint: '' }, { name: undefined }]) {
      expect(() => createReceiver(Object({ source: none }))).toThrow(new TypeError('createReceiver: a source is missing: an address, or an element that says something.'));
    }
    for (const some of [{ name: 'Ward' }, { software: 'Ward' }, { endpointReference: { reference: 'Endpoint/1' } }, { contact: { system: 'email', value: 'ward@example.org' } }]) {
      expect(() => createReceiver({ source: some })).not.toThrow();
    }
  });

  it('takes an event and its handler: a TypeError for anything else, at once', () => {
    const receiver = createReceiver({ source });

    expect(() => receiver.on(admit, Object(undefined))).toThrow(new TypeError('receiver.on: admit has no handler.'));
    expect(() => receiver.on(Object({}), () => undefined)).toThrow(new TypeError('receiver.on: give an event, as defineEvent makes it.'));
  });

  it.each([
    ['inFlight', { inFlight: { pollMs: 0 } }, 'inFlight: pollMs is a number finite, and above 0.'],
    ['inFlight', { inFlight: { waitMs: NaN } }, 'inFlight: waitMs is a number 0 or more.'],
    ['replyTo', { replyTo: { maxConcurrent: 0 } }, 'replyTo: maxConcurrent is a number above 0.'],
    ['replyTo', { replyTo: { timeoutMs: Infinity } }, 'replyTo: timeoutMs is a number finite, and above 0.'],
    ['replyTo', { replyTo: { resumeEveryMs: NaN } }, 'replyTo: resumeEveryMs is a number finite, and above 0.'],
    ['replyTo', { replyTo: { expiresAfterMinutes: Infinity } }, 'replyTo: expiresAfterMinutes is a number finite, and 0 or more.'],
    ['replyTo', { replyTo: { maxDelayMs: -1 } }, 'replyTo: maxDelayMs is a number 0 or more.'],
  ])('takes no number in %s that is no limit: %j', (_, options, text) => {
    expect(() => createReceiver({ source, ...Object(options) })).toThrow(new TypeError(text));
  });

  it('refuses replyTo with a cache that ends with the process, and says which do', () => {
    expect(() => createReceiver({ source, replyTo: { origins: () => [] } })).toThrow(/needs a durable cache.*memoryCache.*`:memory:`/);
  });

  it('tells once of each entry of replyTo.origins that is no origin, never the entry itself', async () => {
    const onError = vi.fn();
    const origins = (): string[] => ['https://app.example.org', 'https://user:secret@app.example.org', '*'];
    const receiver = createReceiver({ source, onError, replyTo: { origins, fetch: () => Promise.resolve(new Response()), allowVolatileCustody: true } }).on(admit, () => undefined);
    await receiver.resume();
    const statuses = [(await receiver.process(messageOf().bytes, { async: true })).status, (await receiver.process(messageOf().bytes, { async: true })).status];
    await receiver.close();

    expect(statuses).toEqual([200, 200]);
    expect(onError.mock.calls.map(([error]) => String(error))).toEqual([2, 3].map((entry) => `TypeError: replyTo.origins: entry ${entry} of a list is no origin, such as https://app.example.org, and allows nothing.`));
  });

  it('takes replyTo as it is, an instance of a class too: its methods find their object, and no reply goes out without them', async () => {
    class Registered {
      readonly allowVolatileCustody = true;
      readonly posted: (string | null)[] = [];
      readonly #registered = ['https://app.example.org'];
      origins(): string[] {
        return this.#registered;
      }
      headers(): HeadersInit {
        return { authorization: `Bearer for ${this.#registered.join()}` };
      }
      fetch(_: unknown, init?: RequestInit): Promise<Response> {
        this.posted.push(new Headers(init?.headers).get('authorization'));
        return Promise.resolve(new Response());
      }
    }
    const global = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
    const replyTo = new Registered();
    const receiver = createReceiver({ source, replyTo }).on(admit, () => undefined);
    await receiver.resume();
    const { status } = await receiver.process(messageOf().bytes, { async: true });
    await receiver.close();
    const calls = global.mock.calls.length;
    global.mockRestore();

    expect([status, replyTo.posted, calls]).toEqual([200, ['Bearer for https://app.example.org'], 0]);
  });

  it.each(['left out', 'given'])("calls the platform's fetch, %s, on no object: a browser's would refuse it", async (how) => {
    const owners: unknown[] = [];
    vi.stubGlobal('fetch', function (this: unknown) {
      owners.push(this);
      return Promise.resolve(new Response());
    });
    const given = how === 'given' ? { fetch: globalThis.fetch } : {};
    const receiver = createReceiver({ source, replyTo: { origins: () => ['https://app.example.org'], allowVolatileCustody: true, ...given } }).on(admit, () => undefined);
    await receiver.resume();
    await receiver.process(messageOf().bytes, { async: true });
    await receiver.close();
    vi.unstubAllGlobals();

    expect(owners).toEqual([undefined]);
  });

  it('takes each event once', () => {
    expect(() => createReceiver({ source }).on(admit, () => undefined).on(admit, () => undefined)).toThrow(new TypeError('receiver.on: admit is handled already.'));
  });
});

describe('onError', () => {
  const broken = new Error('the handler broke');
  const throwing = (): never => {
    throw broken;
  };
  const event = { coding: admit.coding };

  it.each(['R4', 'R5'] as const)('is told by its second argument which message it is about, by ids and names alone: %s', async (release) => {
    const onError = vi.fn();
    const message = messageOf({ release });
    const [id] = message.identity.ids.filter(({ source: from }) => from === (release === 'R4' ? 'MessageHeader.id' : 'Bundle.identifier'));
    await createReceiver({ source, onError }).on(admit, throwing).process(message.bytes, { sender: 'app' });

    expect(onError.mock.calls).toEqual([[broken, { message: id?.value, event, sender: 'app' }]]);
  });

  it('is told of a reply that was not taken, and of an accepted message whose handler throws, which message that is', async () => {
    const onError = vi.fn();
    let runs = 0;
    const fetch = (): Promise<Response> => Promise.resolve(new Response('', { status: 400 }));
    const receiver = createReceiver({ source, onError, replyTo: { origins: () => ['https://app.example.org'], fetch, allowVolatileCustody: true } }).on(admit, () => {
      runs += 1;
      if (runs === 1) throwing();
    });
    await receiver.resume();
    const messages = [messageOf(), messageOf()];
    for (const { bytes } of messages) await receiver.process(bytes, { sender: 'app', async: true });
    await receiver.close();
    const [first, second] = messages.map(({ identity }) => identity.ids.find(({ source: from }) => from === 'MessageHeader.id')?.value);

    expect(onError.mock.calls).toEqual([
      [broken, { message: first, event, sender: 'app' }],
      [expect.objectContaining({ code: 'transport.status' }), { message: second, sender: 'app' }],
    ]);
  });
});

describe('receiver.process: aborting and closing', () => {
  it('does not begin where the signal has aborted', async () => {
    const { receiver, runs } = counting();

    await expect(receiver.process(messageOf().bytes, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
    expect(runs()).toBe(0);
  });

  it('a handler that ends all the same has its outcome remembered', async () => {
    const controller = new AbortController();
    const { receiver, runs } = counting({
      say: () => {
        controller.abort('gone');
        return {};
      },
    });
    const message = messageOf();

    expect((await receiver.process(message.bytes, { signal: controller.signal })).status).toBe(200);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('closed, it takes no further message, and lets running handlers finish', async () => {
    const { receiver, run } = held();
    const running = receiver.process(messageOf().bytes);
    const { say } = await run(1);
    let isClosed = false;
    const closing = receiver.close().then(() => (isClosed = true));

    await expect(receiver.process(messageOf().bytes)).rejects.toMatchObject({ code: 'closed' });
    expect(isClosed).toBe(false);
    say({});
    expect((await running).status).toBe(200);
    await closing;
    expect(isClosed).toBe(true);
  });

});
