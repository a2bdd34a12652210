import { createMessage, createMessenger } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, source } from '../exchange/loopback.ts';
import { lawSeed } from './seed.ts';

/** What the way does with one transmission. */
const fates = ['processed', 'accepted', 'busy', 'refused', 'reply lost', 'lost', 'sender dies before', 'sender dies after'] as const;
type Fate = (typeof fates)[number];

/** After these nobody can tell whether it arrived. */
const doubtful: ReadonlySet<Fate> = new Set(['reply lost', 'lost', 'sender dies before', 'sender dies after']);

interface Transmission {
  readonly id: string;
  readonly fate: Fate;
}

interface Course {
  readonly messages: readonly { readonly id: string; readonly key: string }[];
  readonly transmissions: readonly Transmission[];
  readonly processings: readonly string[];
  readonly states: ReadonlyMap<string, string>;
}

const messageOf = (): Message => createMessage(admission(), { Patient: { resourceType: 'Patient' } }, { source });

/** Enqueues messages of some keys and runs an outbox, and a new one after each that dies, until nothing changes any more. */
async function follow(keys: readonly number[], script: readonly Fate[], hasCache: boolean): Promise<Course> {
  let time = 0;
  const store = memoryOutboxStore(() => time);
  const transmissions: Transmission[] = [];
  const processings: string[] = [];
  let die = (): void => undefined;
  const transport: Transport = async ({ message }) => {
    const id = message.identity.message ?? '';
    const fate = script[transmissions.length] ?? 'processed';
    transmissions.push({ id, fate });
    const arrives = fate !== 'busy' && fate !== 'refused' && fate !== 'lost' && fate !== 'sender dies before';
    if (arrives && !(hasCache && processings.includes(id))) processings.push(id);
    if (fate.startsWith('sender dies')) {
      die();
      return new Promise(() => undefined);
    }
    if (fate === 'lost' || fate === 'reply lost') throw new Error('connection reset');
    const statuses = { processed: 204, accepted: 202, busy: 503, refused: 422 };
    return Promise.resolve({ status: statuses[fate === 'accepted' || fate === 'busy' || fate === 'refused' ? fate : 'processed'], body: undefined });
  };
  const open = (): Outbox =>
    createOutbox({
      store,
      messenger: createMessenger({ transport, source, retry: { maxAttempts: 1 } }),
      account: { issuer: 'i', baseUrl: 'b', clientId: 'c', user: 'u' },
      atLeast: 'ephemeral',
      events: [admission()],
      peer: hasCache ? { reliableCacheMinutes: 1_000_000 } : {},
      concurrency: 1,
      startTimer: () => () => undefined,
      pause: () => Promise.resolve(),
      random: () => 0.5,
    });
  let outbox = open();
  const messages: { id: string; key: string }[] = [];
  for (const number of keys) {
    const { id, key } = await outbox.enqueue(messageOf(), { key: `k${number}` });
    messages.push({ id, key });
  }
  for (let round = 0; round < script.length + 5; round += 1) {
    const died = new Promise<'died'>((resolve) => (die = () => resolve('died')));
    if ((await Promise.race([outbox.run(), died])) === 'died') outbox = open();
    // Longer than a lease, and than any wait.
    time += 600_000;
  }
  const { entries } = await outbox.list();
  return { messages, transmissions, processings, states: new Map(entries.map(({ id, state }) => [id, state])) };
}

const courses = [fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 }), fc.array(fc.constantFrom(...fates), { maxLength: 14 })] as const;
const runs = { seed: lawSeed, numRuns: 100 };

describe('an outbox, whatever becomes of its transmissions and itself', () => {
  it.each([true, false])('loses no message, and ends with each one answered, in custody or in doubt (the peer remembers: %s)', async (hasCache) => {
    await fc.assert(
      fc.asyncProperty(...courses, async (keys, script) => {
        const { messages, states } = await follow(keys, script, hasCache);
        expect([...states.keys()]).toEqual(messages.map(({ id }) => id));
        for (const { id, key } of messages) {
          const isHeldBack = messages.slice(0, messages.findIndex((other) => other.id === id)).some((other) => other.key === key && states.get(other.id) === 'uncertain');
          expect(isHeldBack ? ['pending'] : ['replied', 'accepted', 'rejected', 'uncertain']).toContain(states.get(id));
        }
      }),
      runs,
    );
  });

  it('sends nothing again that may have arrived, where the peer does not remember: no two processings, and the doubtful ones are told', async () => {
    await fc.assert(
      fc.asyncProperty(...courses, async (keys, script) => {
        const { messages, transmissions, processings, states } = await follow(keys, script, false);
        expect(new Set(processings).size).toBe(processings.length);
        for (const { id } of messages) {
          const own = transmissions.filter((transmission) => transmission.id === id);
          const doubt = own.findIndex(({ fate }) => doubtful.has(fate));
          if (doubt >= 0) expect([own.length, states.get(id)]).toEqual([doubt + 1, 'uncertain']);
          expect(own.slice(0, -1).every(({ fate }) => fate === 'busy')).toBe(true);
        }
      }),
      runs,
    );
  });

  it('is left in doubt by a peer that remembers only where it refuses what may have been processed', async () => {
    await fc.assert(
      fc.asyncProperty(...courses, async (keys, script) => {
        const { messages, transmissions, states } = await follow(keys, script, true);
        for (const { id } of messages.filter((message) => states.get(message.id) === 'uncertain')) {
          const own = transmissions.filter((transmission) => transmission.id === id);
          expect(own.at(-1)?.fate).toBe('refused');
          expect(own.some(({ fate }) => doubtful.has(fate))).toBe(true);
        }
      }),
      runs,
    );
  });

  it.each([true, false])('keeps the order of each key: none leaves before the one before it is done with (the peer remembers: %s)', async (hasCache) => {
    await fc.assert(
      fc.asyncProperty(...courses, async (keys, script) => {
        const { messages, transmissions } = await follow(keys, script, hasCache);
        for (const key of new Set(messages.map((message) => message.key))) {
          const order = messages.filter((message) => message.key === key).map(({ id }) => id);
          const places = transmissions.map(({ id }) => order.indexOf(id)).filter((place) => place >= 0);
          expect([...places].sort((a, b) => a - b)).toEqual(places);
        }
      }),
      runs,
    );
  });
});
