import { bars, createMessage, createMessenger, createReply, defineEvent, isMessagingError, MessagingError, r4, r5 } from '@fhir-messaging/core';
import type { IdentityStrategy, Message, MessageCategory, Messenger, Receipt, ReplyContent, Transport } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lawSeed } from './seed.ts';

/** What the way does with one attempt. */
const ways = ['through', 'lost', 'reply lost', 'twice in turn', 'twice at once', 'late', 'very late', 'no answer', 'another reply', 'page'] as const;
const proxies = [503, 429, 500, 502, 400, 409, 422] as const;
const handlings = ['ok', 'ok', 'fatal-error', 'transient-error', 'pinned', 'throws', 'slow', 'dies'] as const;
type Way = (typeof ways)[number] | (typeof proxies)[number];
type Handling = (typeof handlings)[number];

interface Step {
  readonly way: Way;
  readonly handling: Handling;
  readonly restarts: boolean;
}

interface Course {
  readonly identity: IdentityStrategy | undefined;
  readonly release: 'R4' | 'R5';
  readonly category: MessageCategory;
  readonly peerRemembers: boolean;
  readonly steps: readonly Step[];
  /** How often the application sends the same message, and which of them it sends twice at once. */
  readonly sends: readonly { readonly twice: boolean; readonly abortAfterMs: number | undefined }[];
}

const step: fc.Arbitrary<Step> = fc.record({
  way: fc.oneof({ weight: 3, arbitrary: fc.constantFrom<Way>(...ways) }, { weight: 1, arbitrary: fc.constantFrom<Way>(...proxies) }),
  handling: fc.constantFrom(...handlings),
  restarts: fc.constantFrom(false, false, false, true),
});
const course: fc.Arbitrary<Course> = fc.record({
  identity: fc.constantFrom(undefined, r4, r5, bars, netsmart),
  release: fc.constantFrom('R4' as const, 'R5' as const),
  category: fc.constantFrom<MessageCategory>('consequence', 'consequence', 'currency', 'notification'),
  peerRemembers: fc.boolean(),
  steps: fc.array(step, { maxLength: 10 }),
  sends: fc.array(fc.record({ twice: fc.boolean(), abortAfterMs: fc.option(fc.nat(40_000), { nil: undefined, freq: 3 }) }), { minLength: 1, maxLength: 3 }),
});

interface Attempt {
  readonly send: number;
  readonly attempt: number;
  readonly text: string;
  readonly isAborted: boolean;
}

type Ending = { readonly reply: Awaited<ReturnType<Messenger['send']>> } | { readonly error: unknown };

interface Told {
  readonly endings: readonly (readonly Ending[])[];
  readonly attempts: readonly Attempt[];
  /** The sends whose transmissions a handler ran for. */
  readonly runs: readonly { send: number; handling: Handling }[];
  readonly commits: readonly { send: number }[];
  readonly reasons: ReadonlySet<unknown>;
}

const source = 'https://app.example.org';
const eventOf = (category: MessageCategory) => defineEvent({ coding: { system: 'https://example.org/events', code: category }, category, focus: ['Patient'], payload: { Patient: '1..1' } });
const messageOf = (category: MessageCategory, release: 'R4' | 'R5', id: string): Message => createMessage(eventOf(category), { Patient: { resourceType: 'Patient', id } }, { source, release, base: source });

/** Lets time pass until a promise settles; what never does is a hung promise. */
async function untilSettled<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const end = (): void => void (isSettled = true);
  promise.then(end, end);
  for (let tick = 0; tick < 5_000; tick += 1) {
    await vi.advanceTimersByTimeAsync(0);
    if (isSettled) return promise;
    if (vi.getTimerCount() === 0) throw new Error('this promise would never settle');
    await vi.advanceTimersToNextTimerAsync();
  }
  throw new Error('this promise did not settle');
}

const pause = (timeMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, timeMs));

async function follow({ identity, release, category, peerRemembers, steps, sends }: Course): Promise<Told> {
  const message = messageOf(category, release, 'this');
  const other = messageOf(category, release, 'other');
  const attempts: Attempt[] = [];
  const runs: { send: number; handling: Handling }[] = [];
  const commits: { send: number }[] = [];
  const reasons = new Set<unknown>();
  const afterwards: (() => Promise<unknown>)[] = [];
  const beforeNext: (() => Promise<unknown>)[] = [];
  const own = memoryCache({ leaseMs: 30_000 });
  const committing = new Map<string, number>();
  const cache = {
    ...own,
    begin(claim: Parameters<typeof own.begin>[0]) {
      const work = own.begin(claim);
      return {
        ...work,
        async commit(outcome: Parameters<typeof work.commit>[0]) {
          const isStored = await work.commit(outcome);
          if (isStored) commits.push({ send: committing.get(claim.token) ?? -1 });
          return isStored;
        },
      };
    },
  };
  const open = (): Receiver<{ send: number; step: Step }> =>
    createReceiver<{ send: number; step: Step }>({ source: 'https://b.example', identity, cache }).on(eventOf(category), async ({ context, message: received }): Promise<ReplyContent> => {
      runs.push({ send: context.send, handling: context.step.handling });
      const focus = received.graph.all('Patient').map((patient) => ({ ...patient }));
      switch (context.step.handling) {
        case 'throws':
          throw new Error('the handler failed');
        case 'dies':
          return new Promise(() => undefined);
        case 'slow':
          await pause(25_000);
          return { focus };
        case 'ok':
          return { focus };
        case 'fatal-error':
          return { code: 'fatal-error', focus, issues: [{ severity: 'error', code: 'invalid' }] };
        default:
          return { code: 'transient-error', focus };
      }
    });
  let receiver = open();
  const transport: Transport = async ({ bytes, attempt, message: sent, signal }): Promise<Receipt> => {
    const send = current;
    attempts.push({ send, attempt, text: new TextDecoder().decode(bytes), isAborted: signal.aborted });
    const taken = steps[attempts.length - 1] ?? { way: 'through', handling: 'ok', restarts: false };
    for (const deliver of beforeNext.splice(0)) void deliver().catch(() => undefined);
    if (taken.restarts) receiver = open();
    const deliver = async (): Promise<Receipt> => {
      const { status, bytes: body, issues } = await receiver.process(bytes, { context: { send, step: taken } });
      const outcome = issues.length > 0 ? new TextEncoder().encode(JSON.stringify({ resourceType: 'OperationOutcome', issue: issues.map(({ severity, code }) => ({ severity, code })) })) : undefined;
      return { status, body: body ?? outcome };
    };
    const page = new TextEncoder().encode('<html>Sign in</html>');
    if (typeof taken.way === 'number') return { status: taken.way, body: page };
    switch (taken.way) {
      case 'lost':
        throw new Error('connection reset');
      case 'reply lost':
        await deliver();
        throw new Error('connection reset');
      case 'twice in turn':
        await deliver();
        return deliver();
      case 'twice at once': {
        const [first, second] = [deliver(), deliver()];
        first.catch(() => undefined);
        return second;
      }
      case 'late':
        beforeNext.push(deliver);
        throw new MessagingError('transport.timeout', 'No answer came.', { delivery: 'unknown' });
      case 'very late':
        afterwards.push(deliver);
        return new Promise(() => undefined);
      case 'no answer':
        void deliver().catch(() => undefined);
        return new Promise(() => undefined);
      case 'another reply':
        await deliver();
        return { status: 200, body: createReply(other, { source: 'https://b.example', identity }).bytes };
      case 'page':
        return { status: 200, body: page };
      case 'through':
        return taken.handling === 'pinned' ? { status: 200, body: (pinnedReply ??= createReply(sent, { source: 'https://b.example', identity, code: 'transient-error', focus: [{ resourceType: 'Patient', id: 'this' }] })).bytes } : deliver();
    }
  };
  let pinnedReply: Message | undefined;
  let current = 0;
  const messenger = createMessenger({ transport, identity, random: () => 0.5, peer: { reliableCacheMinutes: peerRemembers ? 60 : undefined } });
  const endings: Ending[][] = [];
  for (const [index, { twice, abortAfterMs }] of sends.entries()) {
    current = index;
    const controller = new AbortController();
    const reason = new Error('aborted');
    reasons.add(reason);
    if (abortAfterMs !== undefined) setTimeout(() => controller.abort(reason), abortAfterMs);
    const one = (): Promise<Ending> => messenger.send(message, { signal: controller.signal }).then((reply) => ({ reply }), (error: unknown) => ({ error }));
    endings.push(await untilSettled(Promise.all(twice ? [one(), one()] : [one()])));
    if (endings.at(-1)?.some((ending) => 'reply' in ending && ending.reply.kind !== 'transient-error')) break;
  }
  for (const deliver of [...beforeNext, ...afterwards]) await untilSettled(deliver().catch(() => undefined)).catch(() => undefined);
  return { endings, attempts, runs, commits, reasons };
}

const runs = { seed: lawSeed, numRuns: 200 };
/** Every law looks at the same courses, of the same seed: each is followed once. */
const followed = new Map<string, Promise<Told>>();
async function holds(law: (told: Told, course: Course) => void): Promise<void> {
  const told = (each: Course): Promise<Told> => {
    const name = JSON.stringify(each);
    const known = followed.get(name) ?? follow(each);
    followed.set(name, known);
    return known;
  };
  await fc.assert(fc.asyncProperty(course, async (each) => law(await told(each), each)), runs);
}
const strategyOf = ({ identity, release }: Course): IdentityStrategy => identity ?? (release === 'R5' ? r5 : r4);
const isOnce = (each: Course): boolean => each.category === 'consequence' || strategyOf(each).resend[each.category] === 'same';

describe('an exchange, whatever becomes of its transmissions, its handler and its processes', { timeout: 600_000 }, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('comes to one outcome where a message has consequences', () => holds(({ commits }, each) => {
    if (isOnce(each)) expect(commits.length).toBeLessThanOrEqual(1);
  }));

  it('is told not to have arrived only where no handler ran for it', () => holds(({ endings, runs: ran }) => {
    for (const [send, all] of endings.entries()) {
      for (const ending of all) {
        if ('error' in ending && isMessagingError(ending.error) && ending.error.delivery === 'no') expect(ran.filter((run) => run.send === send)).toEqual([]);
        if ('reply' in ending && ending.reply.kind === 'refused' && !ending.reply.mayHaveArrived) expect(ran.filter((run) => run.send === send && !['transient-error', 'pinned'].includes(run.handling))).toEqual([]);
      }
    }
  }));

  it('hands out replies to this very request, of an outcome that there is', () => holds(({ endings, commits }) => {
    for (const ending of endings.flat()) {
      if ('reply' in ending && 'message' in ending.reply) {
        expect(ending.reply.message.graph.all('Patient').map(({ id }) => id)).toEqual(['this']);
        if (ending.reply.kind !== 'transient-error') expect(commits.length).toBeGreaterThan(0);
      }
      if ('reply' in ending && (ending.reply.kind === 'processed' || ending.reply.kind === 'accepted')) expect(commits.length).toBeGreaterThan(0);
    }
  }));

  it('is one series of attempts, none after an abort, which is the reason that it ends with', () => holds(({ endings, attempts, reasons }) => {
    expect(attempts.filter(({ isAborted }) => isAborted)).toEqual([]);
    for (const [send, all] of endings.entries()) {
      const own = attempts.filter((attempt) => attempt.send === send).map(({ attempt }) => attempt);
      expect(own).toEqual(own.map((_, index) => index + 1));
      expect(own.length).toBeLessThanOrEqual(4);
      const [first, second = first] = all;
      expect(second).toEqual(first);
      for (const ending of all) {
        if ('error' in ending) expect(isMessagingError(ending.error) || reasons.has(ending.error)).toBe(true);
      }
    }
  }));

  it('sends the same bytes again, or other ids, as its strategy says', () => holds(({ attempts }, each) => {
    const rule = strategyOf(each).resend[each.category];
    const ids = attempts.map(({ text, attempt }) => {
      const { id, identifier, entry } = JSON.parse(text);
      return { attempt, id, identifier: identifier?.value, header: entry[0].resource.id, rest: JSON.stringify(entry) };
    });
    expect(new Set(ids.map(({ header, rest }) => JSON.stringify([header, rest]))).size).toBeLessThanOrEqual(1);
    if (each.category === 'consequence') expect(new Set(attempts.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
    ids.forEach((now, index) => {
      const before = ids[index - 1];
      if (before === undefined || now.attempt === 1) return;
      if (rule !== 'same') expect(now.id).not.toBe(before.id);
      if (rule === 'new-message') expect(now.identifier).not.toBe(before.identifier);
    });
  }));

  it('sends no consequence again that may have arrived, where the peer does not remember', () => holds(({ attempts }, each) => {
    if (each.category !== 'consequence') return;
    attempts.forEach(({ attempt }, index) => {
      if (attempt === 1) return;
      const before = each.steps[index - 1];
      if (!each.peerRemembers) expect(['lost', 'reply lost', 'late', 'very late', 'no answer', 'another reply', 500, 502]).not.toContain(before?.way);
    });
  }));
});
