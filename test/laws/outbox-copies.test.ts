import { createMessage, createMessenger, createReply, memoryPendingStore } from '@fhir-messaging/core';
import type { Message, Receipt, ResponseCode, Transport } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, source } from '../exchange/loopback.ts';
import { lawSeed } from './seed.ts';

/** What happens to a message: its transmission is answered, one of its two replies comes (once more, maybe), a person retries it; or time passes. */
interface Step {
  /** Chooses the message. */
  readonly of: number;
  /** 200 brings the refusal on the connection; 503 says that it was not processed, 500 says nothing, and 202 that a reply comes later. */
  readonly what: 200 | 202 | 422 | 500 | 503 | 'ok' | 'refusal' | 'retry' | 'pass';
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ of: fc.constantFrom(0, 0, 0, 1), what: fc.constantFrom<Step['what'][]>(200, 200, 202, 202, 422, 500, 503, 'ok', 'refusal', 'refusal', 'refusal', 'retry', 'retry', 'pass', 'pass') }),
  { minLength: 4, maxLength: 24, size: 'max' },
);

/** A peer refuses a message by one reply: an entry knows the last reply that ended it, not those before. */
const scenes = fc.record({ count: fc.integer({ min: 1, max: 2 }), refusal: fc.constantFrom('fatal-error' as const, 'transient-error' as const), script: steps });
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

interface Transmission {
  readonly id: string;
  readonly answer: (receipt: Receipt) => void;
  /** How often a person had the message sent once more before. */
  readonly retries: number;
  status?: number;
  /** Whether a reply came since it left that is no copy of one before, or says that the message was processed. */
  isReplied: boolean;
}

/** What there is to see after a step. */
interface Course {
  readonly transmissions: readonly Transmission[];
  readonly retries: ReadonlyMap<string, number>;
  readonly inDoubt: ReadonlySet<string>;
}

const replyTo = (message: Message, code: ResponseCode): Message => createReply(message, { source: 'https://ward.example.org/fhir', code });

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 150; turn += 1) await Promise.resolve();
};

/** Plays what happens to messages of one key, and looks after each step. The peer remembers nothing. */
async function play({ count, refusal, script }: Scene, look: (course: Course) => void): Promise<void> {
  let time = 1_000_000;
  const transmissions: Transmission[] = [];
  const retries = new Map<string, number>();
  const retriesOf = (id: string): number => retries.get(id) ?? 0;
  const transport: Transport = ({ message: { identity } }) =>
    new Promise((answer) => {
      const id = identity.message ?? '';
      transmissions.push({ id, answer, retries: retriesOf(id), isReplied: false });
    });
  const outbox = createOutbox({
    store: memoryOutboxStore(() => time),
    messenger: createMessenger({ transport, source, retry: { maxAttempts: 1 }, pending: memoryPendingStore(), now: () => time }),
    account: { issuer: 'i', baseUrl: 'b', clientId: 'c', user: 'u' },
    atLeast: 'ephemeral',
    events: [admission()],
    async: true,
    startTimer: () => () => undefined,
    pause: () => Promise.resolve(),
    random: () => 0.5,
    now: () => time,
  });
  const messages = Array.from({ length: count }, () => createMessage(admission(), { Patient: { resourceType: 'Patient' } }, { source }));
  const replies = messages.map((message) => ({ ok: replyTo(message, 'ok'), refusal: replyTo(message, refusal) }));
  for (const message of messages) await outbox.enqueue(message, { key: 'k' });

  async function take({ of, what }: Step): Promise<void> {
    const id = messages[of % count]?.identity.message ?? '';
    const latest = transmissions.findLast((transmission) => transmission.id === id);
    if (what === 'pass') time += 10_000;
    else if (what === 'retry') retries.set(id, retriesOf(id) + Number(await outbox.retry(id)));
    else if (typeof what === 'number') {
      if (latest && latest.status === undefined) {
        latest.status = what;
        latest.isReplied ||= what === 200;
        latest.answer({ status: what, body: what === 200 ? replies[of % count]?.refusal.bytes : undefined });
      }
    } else if (latest) {
      const result = await outbox.accept(replies[of % count]?.[what] ?? '');
      latest.isReplied ||= what === 'ok' || result.kind === 'settled' || (result.kind === 'repeated' && result.another);
    }
  }

  for (const step of [{ of: 0, what: 'pass' } as const, ...script]) {
    await take(step);
    outbox.run().catch(() => undefined);
    await turns();
    look({ transmissions, retries, inDoubt: new Set((await outbox.list()).entries.flatMap(({ id, mayHaveArrived }) => (mayHaveArrived ? id : []))) });
  }
  await outbox.close();
}

const always = (law: (course: Course) => void): Promise<void> =>
  fc.assert(fc.asyncProperty(scenes, (scene) => play(scene, law)), { seed: lawSeed, numRuns: 500 });

describe('an outbox whose replies come another way, some of them again', () => {
  it('never has two messages of a key under way at once that nobody answered', () =>
    always(({ transmissions }) => expect(transmissions.filter(({ status, isReplied }) => status === undefined && !isReplied).length).toBeLessThan(2)));

  it('sends a consequence again only where a person said so, or something says that it was not processed; else it may have arrived', () =>
    always(({ transmissions, retries, inDoubt }) => {
      const latest = new Map<string, Transmission>();
      for (const transmission of transmissions) {
        const before = latest.get(transmission.id);
        if (before && before.status !== 503 && !before.isReplied) expect(transmission.retries).toBeGreaterThan(before.retries);
        latest.set(transmission.id, transmission);
      }
      for (const { id, status, isReplied, retries: allowed } of latest.values()) {
        if (status === 500 && !isReplied && allowed === (retries.get(id) ?? 0)) expect(inDoubt).toContain(id);
      }
    }));
});
