import { bars, createMessage, createReply, defineEvent, r4, readMessage, readReply } from '@fhir-messaging/core';
import type { CreateMessageOptions, IdentityStrategy, Message, MessageCategory, ReliableCache, ReplyContent, ResponseRequest } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { createReceiver, memoryCache } from './index.ts';
import type { ProcessResult, Receiver, ReceiverOptions, Wait } from './index.ts';

const source = 'https://manager.example.org';
const payload = { Patient: '1..1', Coverage: '0..*' } as const;
const eventOf = (category: MessageCategory, reply: ResponseRequest = 'always') =>
  defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category, focus: ['Patient'], payload, reply });
const admit = eventOf('consequence');

type Changes = Partial<CreateMessageOptions> & { readonly headerId?: string; readonly bundleId?: string; readonly family?: string; readonly category?: MessageCategory };

/** A message; its ids and what it says as asked for. */
function messageOf({ headerId, bundleId, family = 'Miller', category = 'consequence', ...options }: Changes = {}): Message {
  const ids = [headerId, bundleId].filter((id) => id !== undefined);
  const message = createMessage(eventOf(category), { Patient: { resourceType: 'Patient', name: [{ family }] } }, { source: 'https://app.example.org', ...options });
  return ids.length === 0 ? message : withIds(message, headerId, bundleId);
}

/** The same with other ids, or without. */
function withIds(message: Message, headerId: string | undefined, bundleId: string | undefined): Message {
  const [first, ...rest] = message.bundle.entry ?? [];
  const header = { ...first, resource: { ...first?.resource, id: headerId } };
  return readMessage(JSON.stringify({ ...message.bundle, id: bundleId, entry: [header, ...rest] }));
}

/** A receiver that counts how often its handler ran, and says what it is told to say, `ok` with the count in the issues otherwise. */
function counting(options: Partial<ReceiverOptions> & { category?: MessageCategory; say?: (run: number) => ReplyContent | Promise<ReplyContent> } = {}): {
  receiver: Receiver;
  runs: () => number;
} {
  const { category = 'consequence', say = () => ({}), ...rest } = options;
  let runs = 0;
  const receiver = createReceiver({ source, ...rest }).on(eventOf(category), () => say((runs += 1)));
  return { receiver, runs: () => runs };
}

/** Time that passes when it is told to: `of(ms)` is a wait of that long, once somebody waits it; each is given once. */
function clock(): { wait: Wait; waits: { of: (delayMs: number) => Promise<{ pass: () => void }> } } {
  const begun: { delayMs: number; pass: () => void }[] = [];
  const awaited: { delayMs: number; resolve: (wait: { pass: () => void }) => void }[] = [];
  const tell = (): void => {
    for (const each of [...awaited]) {
      const index = begun.findIndex(({ delayMs }) => delayMs === each.delayMs);
      if (index >= 0) {
        awaited.splice(awaited.indexOf(each), 1);
        each.resolve(begun.splice(index, 1)[0]!);
      }
    }
  };
  return {
    wait: (delayMs, signal) =>
      new Promise((resolve) => {
        const entry = { delayMs, pass: resolve };
        signal.addEventListener('abort', () => {
          resolve();
          if (begun.includes(entry)) begun.splice(begun.indexOf(entry), 1);
        });
        begun.push(entry);
        tell();
      }),
    waits: {
      of: (delayMs) =>
        new Promise((resolve) => {
          awaited.push({ delayMs, resolve });
          tell();
        }),
    },
  };
}

interface Run {
  readonly say: (content: ReplyContent) => void;
  readonly fail: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** A receiver whose handler waits to be told what to do; `run(n)` is its nth run, once that has begun. */
function held(options: Partial<ReceiverOptions> = {}): { receiver: Receiver; run: (nth: number) => Promise<Run>; runs: () => number } {
  const begun: Run[] = [];
  const awaited: { nth: number; resolve: (run: Run) => void }[] = [];
  const tell = (): void => {
    for (const { nth, resolve } of awaited) {
      const run = begun[nth - 1];
      if (run) resolve(run);
    }
  };
  const receiver = createReceiver({ source, ...options }).on(
    admit,
    ({ signal }) =>
      new Promise<ReplyContent>((say, fail) => {
        begun.push({ say, fail, signal });
        tell();
      }),
  );
  const run = (nth: number): Promise<Run> =>
    new Promise((resolve) => {
      awaited.push({ nth, resolve });
      tell();
    });
  return { receiver, run, runs: () => begun.length };
}

const codes = ({ issues }: ProcessResult): string[] => issues.map(({ code, rule }) => `${code} ${rule ?? ''}`);
const textOf = ({ bytes }: ProcessResult): string => new TextDecoder().decode(bytes);
const replyOf = (result: ProcessResult, request?: Message) => readReply(result.bytes ?? '', { request });

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

  it('takes a message as bytes, text or value', async () => {
    const { receiver, runs } = counting();
    for (const input of [messageOf().bytes, new TextDecoder().decode(messageOf().bytes), messageOf().bundle]) {
      expect((await receiver.process(input)).status).toBe(200);
    }

    expect(runs()).toBe(3);
  });

  it('takes nothing for ok', async () => {
    const receiver = createReceiver({ source }).on(admit, async () => undefined);
    const result = await receiver.process(messageOf().bytes);

    expect(replyOf(result).code).toBe('ok');
    expect(result.issues).toEqual([]);
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

  it('takes each event once', () => {
    expect(() => createReceiver({ source }).on(admit, () => undefined).on(admit, () => undefined)).toThrow(new TypeError('receiver.on: admit is handled already.'));
  });
});

describe('receiver.process: what is refused', () => {
  it.each([
    ['text that is no JSON', '{"resourceType": "Bundle", ', 400, ['structure json.invalid']],
    ['bytes that are no UTF-8', new Uint8Array([0xff]), 400, expect.anything()],
    ['nothing', '', 400, ['structure json.invalid']],
    ['JSON that is no Bundle', '{"resourceType":"Patient"}', 400, ['structure bundle.resource']],
    ['a Bundle without a MessageHeader', '{"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"Patient"}}]}', 400, expect.arrayContaining(['invariant bdl-12'])],
  ])('400: %s', async (_, input, status, expected) => {
    const { receiver, runs } = counting();
    const result = await receiver.process(input);

    expect(result).toMatchObject({ status, bundle: undefined, bytes: undefined });
    expect(codes(result)).toEqual(expected);
    expect(runs()).toBe(0);
  });

  it('413: more entries, or bytes, than the limits allow', async () => {
    const { receiver } = counting();

    expect(await receiver.process(messageOf().bytes, { limits: { maxEntries: 1 } })).toMatchObject({ status: 413, issues: [{ code: 'too-long' }] });
    expect(await receiver.process(messageOf().bytes, { limits: { maxBytes: 10 } })).toMatchObject({ status: 413, issues: [{ code: 'too-long' }] });
  });

  it('400: no id at all, which is never taken for an id', async () => {
    const { receiver, runs } = counting();
    const [first, ...rest] = messageOf().bundle.entry ?? [];
    const header = { fullUrl: 'https://app.example.org/MessageHeader/1', resource: { ...first?.resource, id: undefined } };
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'message', entry: [header, ...rest] });

    for (let time = 1; time <= 2; time += 1) {
      const result = await receiver.process(bundle);
      expect(result.status).toBe(400);
      expect(codes(result)).toContain('required identity.message');
    }
    expect(runs()).toBe(0);
  });

  it('422: an event that nobody handles, naming those that somebody does', async () => {
    const other = defineEvent({ uri: 'https://example.org/discharge', category: 'notification', focus: ['Patient'], payload });
    const message = createMessage(other, { Patient: { resourceType: 'Patient' } }, { source });
    const result = await counting().receiver.process(message.bytes);

    expect(result.status).toBe(422);
    expect(codes(result)).toEqual(['not-supported receiver.event']);
    expect(result.issues[0]?.diagnostics).toBe('Nobody handles the event of this message. Handled here: admit.');
    expect((await createReceiver({ source }).process(message.bytes)).issues[0]?.diagnostics).toContain('none');
  });

  it('422, never a message: a response, also one whose event is handled', async () => {
    const { receiver, runs } = counting();
    const result = await receiver.process(createReply(messageOf(), { source }).bytes);

    expect(result).toMatchObject({ status: 422, bundle: undefined });
    expect(codes(result)).toEqual(['not-supported receiver.reply']);
    expect(runs()).toBe(0);
  });
});

describe('receiver.process: content against its contract', () => {
  const broken = (ids: Changes = {}): Message => {
    const message = messageOf({ headerId: 'h1', bundleId: 'b1', ...ids });
    const bundle = structuredClone(message.bundle);
    bundle.entry!.push({ fullUrl: 'urn:uuid:0c4b4d2a-6b1f-4c1c-9a53-0f3f0d0f0f0f', resource: { resourceType: 'Device' } });
    return readMessage(bundle);
  };

  it("http: 422 with the contract's issues", async () => {
    const { receiver, runs } = counting();
    const result = await receiver.process(broken().bytes);

    expect(result).toMatchObject({ status: 422, bundle: undefined });
    expect(codes(result)).toContain('not-supported payload.type');
    expect(runs()).toBe(0);
  });

  it('message: a fatal-error reply with the same issues', async () => {
    const request = broken();
    const result = await counting({ contentErrors: 'message' }).receiver.process(request.bytes);

    expect(result.status).toBe(200);
    expect(codes(result)).toContain('not-supported payload.type');
    expect(replyOf(result, request)).toMatchObject({ code: 'fatal-error' });
  });

  it('message: 422 all the same where the sender wants no reply message', async () => {
    const request = broken({ header: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] } });

    expect(await counting({ contentErrors: 'message' }).receiver.process(request.bytes)).toMatchObject({ status: 422, bundle: undefined });
  });

  it.each(['http', 'message'] as const)('%s: nothing invalid claims an id: the ids are good for the corrected message', async (contentErrors) => {
    const { receiver, runs } = counting({ contentErrors });
    await receiver.process(broken().bytes);

    expect((await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('a known id with such content is refused for the id', async () => {
    const { receiver } = counting();
    await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes);

    expect(await receiver.process(broken().bytes)).toMatchObject({ status: 409 });
  });
});

describe('receiver.process: a message that comes again, R4', () => {
  const first = { headerId: 'h1', bundleId: 'b1' };

  it.each(['consequence', 'currency', 'notification'] as const)('the same pair of ids: the original reply to the byte, the handler not run (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const message = messageOf({ ...first, category });
    const original = await receiver.process(message.bytes);
    const repeated = await receiver.process(message.bytes);

    expect(repeated.status).toBe(200);
    expect(textOf(repeated)).toBe(textOf(original));
    expect(repeated.bundle).toEqual(original.bundle);
    expect(runs()).toBe(1);
  });

  it('the same MessageHeader.id in a new Bundle: a consequence gets the original reply', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    const original = await receiver.process(message.bytes);

    expect(textOf(await receiver.process(withIds(message, 'h1', 'b2').bytes))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it.each(['currency', 'notification'] as const)('the same MessageHeader.id in a new Bundle: a %s is processed again, and then known too', async (category) => {
    const { receiver, runs } = counting({ category });
    const message = messageOf({ ...first, category });
    const original = await receiver.process(message.bytes);
    const again = await receiver.process(withIds(message, 'h1', 'b2').bytes);
    const repeated = await receiver.process(withIds(message, 'h1', 'b2').bytes);

    expect(textOf(again)).not.toBe(textOf(original));
    expect(textOf(repeated)).toBe(textOf(again));
    expect(textOf(await receiver.process(message.bytes))).toBe(textOf(original));
    expect(runs()).toBe(2);
  });

  it('a new MessageHeader.id in a seen Bundle: 409, Bundle.id is never used again', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    await receiver.process(message.bytes);
    const result = await receiver.process(withIds(message, 'h2', 'b1').bytes);

    expect(result).toMatchObject({ status: 409, bundle: undefined });
    expect(codes(result)).toEqual(['conflict cache.envelope']);
    expect(runs()).toBe(1);
  });

  it('both seen, but not as a pair: 409', async () => {
    const { receiver } = counting();
    const message = messageOf(first);
    await receiver.process(message.bytes);
    await receiver.process(withIds(message, 'h2', 'b2').bytes);

    expect(codes(await receiver.process(withIds(message, 'h1', 'b2').bytes))).toEqual(['conflict cache.envelope']);
  });

  it.each([['b1'], ['b2']])('a known MessageHeader.id with other content, in Bundle %s: 409', async (bundleId) => {
    const { receiver, runs } = counting();
    await receiver.process(messageOf(first).bytes);
    const result = await receiver.process(messageOf({ headerId: 'h1', bundleId, family: 'Smith' }).bytes);

    expect(result.status).toBe(409);
    expect(codes(result)).toEqual(['conflict cache.content']);
    expect(runs()).toBe(1);
  });

  it('other metadata, another destination and another order of members are not other content', async () => {
    const { receiver, runs } = counting();
    const { bundle } = messageOf(first);
    await receiver.process(bundle);
    const { entry = [], ...rest } = structuredClone(bundle);
    Object.assign(entry[0]!.resource!, { meta: { lastUpdated: '2026-11-21T00:00:00Z' }, destination: [{ endpoint: 'https://hop.example' }] });
    const passedOn = { entry: entry.map(({ resource, fullUrl }) => ({ resource, fullUrl })), meta: { tag: [{ code: 'x' }] }, ...rest };

    expect((await receiver.process(passedOn)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it.each([
    ['MessageHeader.id is missing: by Bundle.id', undefined, 'b1'],
    ['Bundle.id is missing: by MessageHeader.id', 'h1', undefined],
  ])('where %s', async (_, headerId, bundleId) => {
    const { receiver, runs } = counting();
    const message = withIds(messageOf(), headerId, bundleId);
    await receiver.process(message.bytes);

    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('ids count within their sender', async () => {
    const { receiver, runs } = counting();
    const message = messageOf(first);
    for (const sender of ['a', 'b', undefined, 'a']) {
      expect((await receiver.process(message.bytes, { sender })).status).toBe(200);
    }

    expect(runs()).toBe(3);
  });

  it('where nobody is authenticated they count within the address that the message says it is from', async () => {
    const { receiver, runs } = counting();
    await receiver.process(messageOf({ ...first, source: 'https://a.example' }).bytes);

    expect((await receiver.process(messageOf({ ...first, source: 'https://b.example' }).bytes)).status).toBe(200);
    expect(runs()).toBe(2);
  });
});

describe('receiver.process: a message that comes again, R5', () => {
  const inR5 = (category: MessageCategory, value = 'urn:uuid:1', family?: string) => {
    const bundle = structuredClone(messageOf({ release: 'R5', category, ...(family === undefined ? {} : { family }) }).bundle);
    return { ...bundle, identifier: { system: 'urn:ietf:rfc:3986', value } };
  };

  it.each(['consequence', 'currency', 'notification'] as const)('the same Bundle.identifier: the original reply, whatever the other ids (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const bundle = inR5(category);
    const original = await receiver.process(bundle);

    expect(textOf(await receiver.process({ ...bundle, id: 'another' }))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it.each(['consequence', 'currency', 'notification'] as const)('another Bundle.identifier: another message (%s)', async (category) => {
    const { receiver, runs } = counting({ category });
    const bundle = inR5(category);
    await receiver.process(bundle);
    await receiver.process({ ...bundle, identifier: { ...bundle.identifier, value: 'urn:uuid:2' } });
    await receiver.process({ ...bundle, identifier: { system: 'https://example.org/ids', value: 'urn:uuid:1' } });

    expect(runs()).toBe(3);
  });

  it('the same Bundle.identifier with other content: 409', async () => {
    const { receiver } = counting();
    await receiver.process(inR5('consequence'));

    expect(codes(await receiver.process(inR5('consequence', 'urn:uuid:1', 'Smith')))).toEqual(['conflict cache.content']);
  });
});

describe('receiver.process: other strategies', () => {
  it('BaRS: a duplicate is answered with 409 and the issue code duplicate', async () => {
    const { receiver, runs } = counting({ identity: bars });
    const message = messageOf();
    await receiver.process(message.bytes);
    const result = await receiver.process(message.bytes);

    expect(result).toMatchObject({ status: 409, bundle: undefined });
    expect(codes(result)).toEqual(['duplicate cache.duplicate']);
    expect(runs()).toBe(1);
  });

  it('BaRS: one that comes while the first is being processed is told so when that is done', async () => {
    const { receiver, run, runs } = held({ identity: bars });
    const message = messageOf();
    const both = [receiver.process(message.bytes), receiver.process(message.bytes)];
    (await run(1)).say({});

    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(runs()).toBe(1);
  });

  it('by Bundle.id alone, as Netsmart: another Bundle.id is another message', async () => {
    const identity: IdentityStrategy = { ...r4, name: 'by-bundle', message: ['Bundle.id'], replyQuotes: ['Bundle.id', 'MessageHeader.id'] };
    const { receiver, runs } = counting({ identity });
    const message = messageOf({ headerId: 'h1', bundleId: 'b1' });
    await receiver.process(message.bytes);
    await receiver.process(message.bytes);
    await receiver.process(withIds(message, 'h1', 'b2').bytes);

    expect(runs()).toBe(2);
  });
});

describe('receiver.process: what is remembered', () => {
  it("a handler's fatal-error is: the same reply again", async () => {
    const { receiver, runs } = counting({ say: () => ({ issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No.' }] }) });
    const message = messageOf();
    const original = await receiver.process(message.bytes);

    expect(replyOf(original)).toMatchObject({ code: 'fatal-error' });
    expect(textOf(await receiver.process(message.bytes))).toBe(textOf(original));
    expect(runs()).toBe(1);
  });

  it('a transient-error is not: a resend is processed (4.3 b, a departure from the letter)', async () => {
    const { receiver, runs } = counting({ say: (run) => (run === 1 ? { code: 'transient-error' } : {}) });
    const message = messageOf();

    expect(replyOf(await receiver.process(message.bytes)).code).toBe('transient-error');
    expect(replyOf(await receiver.process(message.bytes)).code).toBe('ok');
    expect(runs()).toBe(2);
  });

  it('what a handler throws is not: 500 with nothing of the inside, the application is told, a resend is processed', async () => {
    const fault = new Error('connect to db.internal failed for Miller');
    const onError = vi.fn();
    const { receiver, runs } = counting({
      onError,
      say: (run) => {
        if (run === 1) throw fault;
        return {};
      },
    });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect(result).toMatchObject({ status: 500, bundle: undefined });
    expect(codes(result)).toEqual(['exception handler.failed']);
    expect(JSON.stringify(result)).not.toMatch(/db\.internal|Miller/);
    expect(onError.mock.calls).toEqual([[fault]]);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(runs()).toBe(2);
  });

  it('an onError that throws changes nothing', async () => {
    const onError = (): never => {
      throw new Error('fault in a log');
    };

    expect((await counting({ onError, say: () => Promise.reject(new Error('fault')) }).receiver.process(messageOf().bytes)).status).toBe(500);
  });

  it('a reply that cannot be written is a 500 that is remembered: what a handler has done it does not do again', async () => {
    const onError = vi.fn();
    const { receiver, runs } = counting({ onError, say: () => ({ code: 'ok', issues: [{ severity: 'error', code: 'processing' }] }) });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect(codes(result)).toEqual(['exception handler.reply']);
    expect(await receiver.process(message.bytes)).toMatchObject({ status: 500 });
    expect(runs()).toBe(1);
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'message.invalid' })]]);
  });

  it('as long as the cache says', async () => {
    let time = 0;
    const { receiver, runs } = counting({ cache: memoryCache({ ttlMinutes: 1, now: () => time }) });
    const message = messageOf();
    await receiver.process(message.bytes);
    time = 60_000;
    await receiver.process(message.bytes);

    expect(runs()).toBe(2);
  });
});

describe('receiver.process: one that comes while the first is being processed', () => {
  it('waits for it, and gets its reply to the byte (4.3 a)', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf();
    const all = Array.from({ length: 20 }, () => receiver.process(message.bytes));
    (await run(1)).say({});
    const texts = new Set((await Promise.all(all)).map(textOf));

    expect(texts.size).toBe(1);
    expect(runs()).toBe(1);
  });

  it('also in another Bundle, where it is a consequence', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf({ headerId: 'h1', bundleId: 'b1' });
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(withIds(message, 'h1', 'b2').bytes);
    say({});

    expect(textOf(await second)).toBe(textOf(await first));
    expect(runs()).toBe(1);
  });

  it.each([
    ['a transient-error', ({ say }: Run) => say({ code: 'transient-error' }), 200],
    ['a throw', ({ fail }: Run) => fail(new Error('fault')), 500],
  ])('shares what is not remembered too: %s', async (_, end, status) => {
    const own = memoryCache();
    let lookedUp = (): void => undefined;
    const cache: ReliableCache = {
      ...own,
      lookUp: (key) => {
        setImmediate(lookedUp);
        return own.lookUp(key);
      },
    };
    const { receiver, run, runs } = held({ cache });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const running = await run(1);
    const isWaiting = new Promise<void>((resolve) => (lookedUp = resolve));
    const second = receiver.process(message.bytes);
    await isWaiting;
    end(running);

    expect(await first).toMatchObject({ status });
    expect(await second).toBe(await first);
    expect(runs()).toBe(1);
  });

  it('with other content is refused at once', async () => {
    const { receiver, run } = held();
    const first = receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes);
    const { say } = await run(1);

    expect(codes(await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b2', family: 'Smith' }).bytes))).toEqual(['conflict cache.content']);
    say({});
    expect((await first).status).toBe(200);
  });

  it('is processed itself when the first one is given up', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf();
    const controller = new AbortController();
    const first = receiver.process(message.bytes, { signal: controller.signal });
    const { fail, signal } = await run(1);
    const second = receiver.process(message.bytes);
    controller.abort('gone');
    expect(signal.aborted).toBe(true);
    fail(new Error('stopped'));

    await expect(first).rejects.toBe('gone');
    (await run(2)).say({});
    expect((await second).status).toBe(200);
    expect(runs()).toBe(2);
  });

  it("stops waiting when its own sender goes away: the signal's reason", async () => {
    const { receiver, run } = held();
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const controller = new AbortController();
    const second = receiver.process(message.bytes, { signal: controller.signal });
    controller.abort('gone');

    await expect(second).rejects.toBe('gone');
    say({});
    expect((await first).status).toBe(200);
  });

  it('here, past its patience, is told to ask again: 503 with Retry-After', async () => {
    const { waits, wait } = clock();
    const { receiver, run, runs } = held({ wait, inFlight: { waitMs: 5000, retryAfterSeconds: 7 } });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(message.bytes);
    (await waits.of(5000)).pass();

    expect(await second).toMatchObject({ status: 503, retryAfterSeconds: 7 });
    expect(codes(await second)).toEqual(['transient cache.in-flight']);
    say({});
    expect((await first).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it('elsewhere, on the same cache, asks the cache again and again, and gets the reply of the first to the byte', async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait, inFlight: { pollMs: 100 } })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const second = there.receiver.process(message.bytes);
    (await waits.of(100)).pass();
    const again = await waits.of(100);
    say({});
    await first;
    again.pass();

    expect(textOf(await second)).toBe(textOf(await first));
    expect(there.runs()).toBe(0);
  });

  it('elsewhere, past its patience, is told to ask again: 503 with Retry-After', async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const second = there.receiver.process(message.bytes);
    (await waits.of(20_000)).pass();

    expect(await second).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    say({});
    expect(textOf(await there.receiver.process(message.bytes))).toBe(textOf(await first));
    expect(there.runs()).toBe(0);
  });

  it("elsewhere, stops waiting when its own sender goes away, or the receiver closes", async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const controller = new AbortController();
    const gone = there.receiver.process(message.bytes, { signal: controller.signal });
    await waits.of(250);
    controller.abort('gone');
    await expect(gone).rejects.toBe('gone');

    const waiting = there.receiver.process(message.bytes);
    await waits.of(250);
    await there.receiver.close();
    expect((await waiting).status).toBe(503);
    say({});
    await first;
  });

  it('where the cache could not take the outcome, is told to ask again, and the handler is not run again: 503', async () => {
    const own = memoryCache();
    const cache: ReliableCache = { ...own, begin: (claim) => ({ ...own.begin(claim), commit: () => Promise.reject(new Error('the database is gone')) }) };
    const { waits, wait } = clock();
    const { receiver, run, runs } = held({ cache, wait });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(message.bytes);
    say({});

    await expect(first).rejects.toThrow('the database is gone');
    (await waits.of(20_000)).pass();
    expect((await second).status).toBe(503);
    expect(runs()).toBe(1);
  });

  it('looks again where the claim was lost to another', async () => {
    const own = memoryCache();
    let lost = 0;
    const cache: ReliableCache = {
      ...own,
      claim: (claim, seen) => ((lost += 1) === 1 ? Promise.resolve(false) : own.claim(claim, seen)),
    };
    const { receiver, runs } = counting({ cache });

    expect((await receiver.process(messageOf().bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });
});

describe('receiver.process: the lease of what is being processed', () => {
  const leaseMs = 30_000;
  const message = messageOf();
  /** Two receivers on one cache, as two processes are; `pass` lets the cache's lease run out. */
  const two = (cacheOptions: Partial<ReliableCache> = {}) => {
    let time = 0;
    const cache: ReliableCache = { ...memoryCache({ leaseMs, now: () => time }), ...cacheOptions };
    const { waits, wait } = clock();
    const onError = vi.fn();
    return { cache, waits, onError, here: held({ cache, wait, onError }), there: held({ cache, wait }), pass: (ms: number) => (time += ms) };
  };

  it('is renewed three times in its length while the handler runs, and no more afterwards', async () => {
    const { here, there, waits, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { say, signal } = await here.run(1);
    for (let times = 1; times <= 6; times += 1) {
      const renewal = await waits.of(leaseMs / 3);
      pass(leaseMs / 3);
      renewal.pass();
    }
    await waits.of(leaseMs / 3);
    const second = there.receiver.process(message.bytes);
    const poll = await waits.of(250);
    say({});

    expect((await first).status).toBe(200);
    poll.pass();
    expect((await second).status).toBe(200);
    expect(signal.aborted).toBe(false);
    expect(there.runs()).toBe(0);
  });

  it('run out, another takes the message over; the handler that lost it is aborted, its outcome refused, its sender told of the one that counts', async () => {
    const { here, there, waits, pass, onError } = two();
    const first = here.receiver.process(message.bytes);
    const { say, signal } = await here.run(1);
    const renewal = await waits.of(leaseMs / 3);
    pass(leaseMs);
    const second = there.receiver.process(message.bytes);
    const other = await there.run(1);
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    renewal.pass();
    await aborted;
    expect(signal.reason).toMatchObject({ name: 'MessagingError', code: 'lease.lost' });
    say({ issues: [{ severity: 'information', code: 'informational', diagnostics: 'Too late.' }] });
    const poll = await waits.of(250);
    other.say({});

    expect((await second).status).toBe(200);
    poll.pass();
    expect(textOf(await first)).toBe(textOf(await second));
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'lease.lost' })]]);
  });

  it('run out, a handler that stops for it is no failure: its sender is told of the one that counts', async () => {
    const { here, there, waits, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { fail, signal } = await here.run(1);
    const renewal = await waits.of(leaseMs / 3);
    pass(leaseMs);
    const second = there.receiver.process(message.bytes);
    const other = await there.run(1);
    signal.addEventListener('abort', () => fail(new Error('stopped')));
    renewal.pass();
    other.say({});

    expect((await second).status).toBe(200);
    expect(textOf(await first)).toBe(textOf(await second));
  });

  it('run out while this very process was too busy to renew it, the handler here goes on, and is waited for', async () => {
    const { here, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    pass(leaseMs * 2);
    const second = here.receiver.process(message.bytes);
    say({});

    expect(textOf(await second)).toBe(textOf(await first));
    expect(here.runs()).toBe(1);
  });

  it('that nobody can say anything of for its whole length is taken for lost', async () => {
    const { here, waits } = two({ renew: () => Promise.reject(new Error('the database is gone')) });
    void here.receiver.process(message.bytes);
    const { signal, say } = await here.run(1);
    for (let times = 1; times <= 2; times += 1) (await waits.of(leaseMs / 3)).pass();
    const last = await waits.of(leaseMs / 3);
    expect(signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    last.pass();
    await aborted;

    expect(signal.reason).toMatchObject({ code: 'lease.lost' });
    say({});
  });
});

describe('receiver.process: when a reply is wanted (messageheader-response-request)', () => {
  const url = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';
  const no = { issues: [{ severity: 'error', code: 'business-rule' }] } as const;

  it.each([
    ['always', 'ok', 200],
    ['always', 'fatal-error', 200],
    ['always', 'transient-error', 200],
    ['on-error', 'ok', 204],
    ['on-error', 'fatal-error', 200],
    ['on-error', 'transient-error', 200],
    ['on-success', 'ok', 200],
    ['on-success', 'fatal-error', 422],
    ['on-success', 'transient-error', 503],
    ['never', 'ok', 204],
    ['never', 'fatal-error', 422],
    ['never', 'transient-error', 503],
  ] as const)('%s, %s: %s', async (request, code, status) => {
    const says = { code, ...(code !== 'ok' && no) };
    const byExtension = await counting({ say: () => says }).receiver.process(messageOf({ header: { extension: [{ url, valueCode: request }] } }).bytes);
    const byContract = await createReceiver({ source }).on(eventOf('consequence', request), () => says).process(messageOf().bytes);

    for (const result of [byExtension, byContract]) {
      expect(result.status).toBe(status);
      expect(result.bundle === undefined).toBe(status !== 200);
      expect(result.issues.map((issue) => issue.code)).toEqual(code === 'ok' ? [] : ['business-rule']);
    }
  });

  it('an error without a reply says what it is, also where the handler does not', async () => {
    const result = await createReceiver({ source }).on(eventOf('consequence', 'never'), () => ({ code: 'fatal-error' })).process(messageOf().bytes);

    expect(codes(result)).toEqual(['processing response.fatal-error']);
  });

  it("the message's own wish comes before the contract's", async () => {
    const receiver = createReceiver({ source }).on(eventOf('consequence', 'never'), () => undefined);

    expect((await receiver.process(messageOf({ header: { extension: [{ url, valueCode: 'always' }] } }).bytes)).status).toBe(200);
  });

  it.each([['ok', 204], ['fatal-error', 422]] as const)('what was not wanted is remembered as such: %s, %s', async (code, status) => {
    let runs = 0;
    const receiver = createReceiver({ source }).on(eventOf('consequence', 'never'), () => {
      runs += 1;
      return { code };
    });
    const message = messageOf();

    expect((await receiver.process(message.bytes)).status).toBe(status);
    expect((await receiver.process(message.bytes)).status).toBe(status);
    expect(runs).toBe(1);
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

  it('rejects with what the cache throws', async () => {
    const fault = new Error('the database is gone');
    const cache: ReliableCache = { ...memoryCache(), lookUp: () => Promise.reject(fault) };

    await expect(counting({ cache }).receiver.process(messageOf().bytes)).rejects.toBe(fault);
  });
});
