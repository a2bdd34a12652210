import { createMessage, createMessenger, defineEvent, memoryPendingStore, readMessage } from '@fhir-messaging/core';
import type { AcceptResult, Message, Messenger, ReplyContent } from '@fhir-messaging/core';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lawSeed } from './seed.ts';

const [sendings, handlings, postings] = [
  ['through', 'lost', 'answer lost', 'twice at once', 'late'] as const,
  ['ok', 'ok', 'fatal-error', 'transient-error', 'throws', 'slow'] as const,
  ['taken', 'taken', 'lost', 'answer lost', 'twice', 'busy', 'late'] as const,
];

interface Course {
  readonly release: 'R4' | 'R5';
  readonly count: number;
  readonly sendings: readonly (typeof sendings)[number][];
  readonly handlings: readonly (typeof handlings)[number][];
  readonly postings: readonly (typeof postings)[number][];
  /** Before which attempts the sender, and before which postings the receiver, is another process. */
  readonly senderRestarts: readonly boolean[];
  readonly receiverRestarts: readonly boolean[];
}

const rarely = fc.array(fc.constantFrom(false, false, false, true), { maxLength: 6 });
const course: fc.Arbitrary<Course> = fc.record({
  release: fc.constantFrom('R4' as const, 'R5' as const),
  count: fc.integer({ min: 1, max: 3 }),
  sendings: fc.array(fc.constantFrom(...sendings), { maxLength: 6 }),
  handlings: fc.array(fc.constantFrom(...handlings), { maxLength: 6 }),
  postings: fc.array(fc.constantFrom(...postings), { maxLength: 8 }),
  senderRestarts: rarely,
  receiverRestarts: rarely,
});

interface Told {
  readonly whose: readonly (string | undefined)[];
  /** What was accepted as whose, the reply's and the request's. */
  readonly accepted: readonly { readonly result: AcceptResult; readonly reply: string | undefined; readonly request: string | undefined }[];
  readonly commits: readonly string[];
  /** What became of the promises of replies, but for those whose process was gone. */
  readonly later: readonly { readonly who: string; readonly messenger: Messenger; readonly outcome: string }[];
  readonly lastMessenger: Messenger;
}

const source = 'https://app.example.org';
const event = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const whoIs = (message: Message | undefined): string | undefined => message?.graph.all('Patient')[0]?.id;
const pause = (timeMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, timeMs));

async function follow(each: Course): Promise<Told> {
  const messages = Array.from({ length: each.count }, (_, number) => createMessage(event, { Patient: { resourceType: 'Patient', id: `p${number}` } }, { source, release: each.release, base: source, destination: 'https://b.example' }));
  const accepted: Told['accepted'][number][] = [];
  const commits: string[] = [];
  const later: { who: string; messenger: Messenger; outcome: string }[] = [];
  const counts = { sent: 0, run: 0, posted: 0 };
  const own = memoryCache({ ttlMinutes: 10_000 });
  const cache: typeof own = {
    ...own,
    begin(claim) {
      const work = own.begin(claim);
      return { ...work, commit: async (outcome) => (await work.commit(outcome)) && commits.push(claim.key.message) > 0 };
    },
  };
  const open = (): Receiver => {
    const made: Receiver = createReceiver({
      source: 'https://b.example',
      cache,
      replyTo: { origins: () => [source], allowVolatileCustody: true, fetch: (_, init) => post(init?.body), random: () => 0.5, maxDelayMs: 5_000 },
    }).on(event, async ({ message }): Promise<ReplyContent> => {
      const handling = each.handlings[counts.run] ?? 'ok';
      counts.run += 1;
      if (handling === 'throws') throw new Error('the handler failed');
      if (handling === 'slow') await pause(25_000);
      const code = handling === 'slow' ? 'ok' : handling;
      return { code, focus: message.graph.all('Patient').map((patient) => ({ ...patient })), issues: code === 'fatal-error' ? [{ severity: 'error', code: 'invalid' }] : [] };
    });
    void made.resume();
    return made;
  };
  let receiver = open();
  const store = memoryPendingStore();
  const connect = (): Messenger =>
    createMessenger({
      pending: store,
      random: () => 0.5,
      peer: { reliableCacheMinutes: 1_000 },
      async transport({ bytes }) {
        const sending = each.sendings[counts.sent] ?? 'through';
        counts.sent += 1;
        const deliver = async () => {
          const { status, bytes: body } = await receiver.process(bytes, { async: true });
          return { status, body };
        };
        if (sending === 'late') void pause(20_000).then(deliver);
        if (sending === 'lost' || sending === 'late') throw new Error('connection reset');
        if (sending === 'twice at once') void deliver();
        const answer = await deliver();
        if (sending === 'answer lost') throw new Error('connection reset');
        return answer;
      },
    });
  let messenger = connect();
  async function send(message: Message): Promise<void> {
    // What is answered is not sent again: its reply would be posted once more, and only once.
    if (accepted.some(({ request, result }) => request === whoIs(message) && result.reply.kind !== 'transient-error')) return;
    if (each.senderRestarts[counts.sent] === true) messenger = connect();
    const by = messenger;
    const who = whoIs(message) ?? '';
    try {
      const reply = await by.send(message, { async: true });
      if (reply.kind === 'transient-error') throw new Error('not now');
      if (reply.kind !== 'accepted') return;
      const waiting = { who, messenger: by, outcome: 'waits' };
      later.push(waiting);
      await reply.later?.then(({ kind, message: came }) => (waiting.outcome = `${kind} ${whoIs(came) ?? ''}`), (error: unknown) => (waiting.outcome = String(error)));
    } catch {
      await pause(60_000);
      await send(message);
    }
  }
  async function take(body: Uint8Array<ArrayBuffer>): Promise<void> {
    const reply = readMessage(body);
    const result = await messenger.accept(reply);
    accepted.push({ result, reply: whoIs(reply), request: whoIs(result.request) });
    const request = messages.find((message) => whoIs(message) === whoIs(result.request));
    // The sender tries again at once, before it says that it has the reply.
    const isNew = result.kind === 'settled' || (result.kind === 'repeated' && result.another);
    if (isNew && request) void send(request);
  }
  async function post(body: unknown): Promise<Response> {
    if (!(body instanceof Uint8Array)) throw new TypeError('a reply is bytes');
    const bytes = new Uint8Array(body);
    const posting = each.postings[counts.posted] ?? 'taken';
    counts.posted += 1;
    if (each.receiverRestarts[counts.posted] === true) {
      void receiver.close();
      receiver = open();
    }
    if (posting === 'busy') return new Response(null, { status: 503 });
    if (posting === 'late') void pause(20_000).then(() => take(bytes));
    if (posting === 'lost' || posting === 'late') throw new Error('connection reset');
    await take(bytes);
    await pause(1_000);
    if (posting === 'twice') await take(bytes);
    if (posting === 'answer lost') throw new Error('connection reset');
    return new Response();
  }
  for (const message of messages) void send(message);
  // Longer than all waits and leases that this can take together.
  for (let minute = 0; minute < 20; minute += 1) await vi.advanceTimersByTimeAsync(60_000);
  await receiver.close();
  return { whose: messages.map(whoIs), accepted, commits, later, lastMessenger: messenger };
}

const runs = { seed: lawSeed, numRuns: 40 };

describe('replies that come later, whatever becomes of them, of their requests and of both processes', { timeout: 600_000 }, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('go each to its own request, once as the first one; every message is processed once, and answered in the end', async () => {
    await fc.assert(
      fc.asyncProperty(course, async (each) => {
        const { whose, accepted, commits, later, lastMessenger } = await follow(each);

        for (const { result, reply, request } of accepted) expect([result.kind, request]).toEqual([expect.not.stringMatching('unknown|refused'), reply]);
        expect(new Set(commits).size).toBe(commits.length);
        expect(commits).toHaveLength(whose.length);
        for (const who of whose) {
          const own = accepted.filter(({ request }) => request === who).map(({ result }) => result);
          expect(own.filter(({ kind }) => kind === 'settled')).toHaveLength(1);
          expect(own.some(({ reply }) => reply.kind !== 'transient-error')).toBe(true);
        }
        for (const { who, messenger, outcome } of later) {
          if (messenger === lastMessenger) expect(outcome).toMatch(new RegExp(`^(ok|fatal-error|transient-error) ${who}$`));
        }
      }),
      runs,
    );
  });
});
