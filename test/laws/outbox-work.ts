import { createMessenger, createReply, memoryPendingStore, MessagingError, newFullUrl, createMessage, updateEntry } from '@fhir-messaging/core';
import type { Message, OutboxState, OutboxStore, Receipt, Resource, Transport } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import fc from 'fast-check';
import { admission, source } from '../exchange/loopback.ts';

/** What the way, or the other side, does with one transmission. */
const fates = ['admits', 'processed', 'accepted', 'busy', 'refused', 'fatal', 'transient', 'signed out', 'lost', 'silent'] as const;
type Fate = (typeof fates)[number];

/** After these it surely was not processed, and is nobody's but ours. */
const harmless: ReadonlySet<Fate> = new Set(['busy', 'transient', 'signed out']);

/** What people, tabs, clocks and disks do. `of` chooses an outbox, `which` an entry. */
interface Step {
  readonly kind: (typeof begins)[number] | (typeof acts)[number] | 'run';
  readonly of: number;
  readonly which: number;
  /** How long the next step waits. */
  readonly turns: number;
}

const begins = ['enqueue', 'follow'] as const;
const acts = ['pass', 'cancel', 'retry', 'retry', 'retry', 'remove', 'decide', 'deny', 'answer', 'close', 'clear', 'sweep', 'fail'] as const;

const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...begins) }, { weight: 3, arbitrary: fc.constant('run' as const) }, { weight: 4, arbitrary: fc.constantFrom(...acts) }),
  of: fc.constantFrom(0, 0, 0, 1, 1, 2),
  which: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4, 5),
  turns: fc.constantFrom(0, 5, 40, 150, 150, 150),
});

/** What happens, in its order, what becomes of each transmission, and how many turns each question to the store, or the other side, takes. */
export const scenes: fc.Arbitrary<Scene> = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14, size: 'max' }),
  script: fc.array(fc.constantFrom(...fates), { maxLength: 8, size: 'max' }),
  delays: fc.array(number(9), { minLength: 1, maxLength: 12 }),
});

export interface Scene {
  readonly steps: readonly Step[];
  readonly script: readonly Fate[];
  readonly delays: readonly number[];
}

/** A transmission, as the other side sees it. */
export interface Transmission {
  readonly id: string;
  readonly fate: Fate;
  /** Whose session it came with. */
  readonly user: string;
  /** What it calls its patient. */
  readonly focus: string;
  /** How often somebody had allowed this message once more by then. */
  readonly allowed: number;
  isOver: boolean;
}

/** What an entry was enqueued as. */
interface Enqueued {
  readonly id: string;
  readonly user: string;
  readonly after: string | undefined;
  /** What it calls its patient, before anybody gives another name. */
  readonly patient: string;
}

/** What came of a scene. */
export interface Course {
  /** What the other side called each patient. */
  readonly given: ReadonlyMap<string, string>;
  /** Those of which somebody said that they were processed. */
  readonly settled: ReadonlySet<string>;
  readonly enqueued: readonly Enqueued[];
  readonly transmissions: readonly Transmission[];
  /** The moves of entries from one state to another. */
  readonly moves: readonly string[];
  /** The ids of those that were taken out. */
  readonly gone: ReadonlySet<string>;
  /** The replies that came later and were taken, by the id of their message. */
  readonly later: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
  readonly states: ReadonlyMap<string, { readonly state: OutboxState; readonly reason: string | undefined; readonly key: string; readonly code: string | undefined; readonly canBeRead: boolean }>;
  readonly shown: ReadonlyMap<string, readonly string[]>;
}

const ward = 'https://ward.example.org/fhir';
const users = ['ann', 'ann', 'bob'] as const;

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

/** Whether something ends in so many turns. */
async function ends(doing: Promise<unknown>, count: number): Promise<boolean> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  doing.then(over, over);
  for (let turn = 0; turn < count && !isOver; turn += 1) await Promise.resolve();
  return isOver;
}

/** Plays a scene on two outboxes of one account and one of another, all on one store, and lets them come to rest. */
export async function play({ steps, script, delays }: Scene): Promise<Course> {
  let time = 1_000_000;
  let asked = 0;
  let failures = 0;
  const delay = (): number => delays[asked++ % delays.length] ?? 0;
  const memory = memoryOutboxStore(() => time);
  const moves: string[] = [];
  const faults: string[] = [];
  const slow = async <T>(ask: () => Promise<T>): Promise<T> => {
    await turns(delay());
    if (failures > 0) {
      failures -= 1;
      throw new MessagingError('storage.unavailable', 'The disk is full.');
    }
    const answer = await ask();
    await turns(delay());
    return answer;
  };
  const store: OutboxStore = {
    ...memory,
    add: (entry) => slow(() => memory.add(entry)),
    claim: (claiming) => slow(() => memory.claim(claiming)),
    async update(hold, change) {
      return slow(async () => {
        const before = (await memory.get(hold.id))?.facts.state;
        const record = await memory.update(hold, change);
        moves.push(`${before} to ${change.facts.state}`);
        return record;
      });
    },
    remove: (hold) =>
      slow(async () => {
        await memory.remove(hold);
        gone.add(hold.id);
      }),
    get: (id) => slow(() => memory.get(id)),
    list: (filter) => slow(() => memory.list(filter)),
  };
  const enqueued: Enqueued[] = [];
  const graphs = new Map<string, Message['graph']>();
  const transmissions: Transmission[] = [];
  const accepted = new Map<string, Message>();
  const allowed = new Map<string, number>();
  const gone = new Set<string>();
  const later = new Map<string, string>();
  const given = new Map<string, string>();
  const settled = new Set<string>();

  const reply = (message: Message): Message => {
    const { key, resource } = message.graph.entries[1] ?? {};
    const fullUrl = key?.startsWith('urn:') ? (given.get(key) ?? `${ward}/Patient/${given.size + 1}`) : (key ?? '');
    if (key?.startsWith('urn:')) given.set(key, fullUrl);
    return createReply(message, { source: ward, focus: [{ fullUrl, resource: { ...(resource as Resource), id: fullUrl.slice(fullUrl.lastIndexOf('/') + 1) } }] });
  };
  const transportOf =
    (user: string): Transport =>
    async ({ message, signal }) => {
      const id = message.identity.message ?? '';
      const fate = script[transmissions.length] ?? 'admits';
      const transmission: Transmission = { id, fate, user, focus: message.graph.entries[1]?.key ?? '', allowed: allowed.get(id) ?? 0, isOver: false };
      if (transmissions.some((other) => other.id === id && !other.isOver)) faults.push(`${id} is sent twice at once`);
      transmissions.push(transmission);
      try {
        await turns(delay() * 3);
        return await answer(message, fate, signal);
      } finally {
        transmission.isOver = true;
      }
    };
  const answer = async (message: Message, fate: Fate, signal: AbortSignal): Promise<Receipt> => {
    const says = (code: 'fatal-error' | 'transient-error'): Receipt => ({ status: 200, body: createReply(message, { source: ward, code, issues: [{ severity: 'error', code: 'processing' }] }).bytes });
    switch (fate) {
      case 'admits':
        return { status: 200, body: reply(message).bytes };
      case 'processed':
        return { status: 204, body: undefined };
      case 'accepted':
        accepted.set(message.identity.message ?? '', message);
        return { status: 202, body: undefined };
      case 'busy':
        return { status: 503, body: undefined };
      case 'signed out':
        return { status: 401, body: undefined };
      case 'refused':
        return { status: 422, body: undefined };
      case 'fatal':
        return says('fatal-error');
      case 'transient':
        return says('transient-error');
      case 'lost':
        throw new Error('connection reset');
      case 'silent':
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    }
  };
  const pending = new Map(users.map((user) => [user, memoryPendingStore()]));
  const open = (user: 'ann' | 'bob'): Outbox =>
    createOutbox({
      store,
      messenger: createMessenger({ transport: transportOf(user), source, retry: { maxAttempts: 1 }, pending: pending.get(user), now: () => time }),
      account: { issuer: 'i', baseUrl: 'b', clientId: 'c', user },
      atLeast: 'ephemeral',
      events: [admission()],
      startTimer: () => () => undefined,
      pause: () => Promise.resolve(),
      random: () => 0.5,
      now: () => time,
      maxSends: 4,
    });
  const outboxes = users.map(open);
  const work: Promise<unknown>[] = [];
  const begin = (doing: Promise<unknown>): void => {
    work.push(
      doing.catch((error: unknown) => {
        if (!(error instanceof MessagingError) || !/^(storage.unavailable|entry.unknown)$/.test(error.code)) faults.push(String(error));
      }),
    );
  };
  const allow = (id: string): void => void allowed.set(id, (allowed.get(id) ?? 0) + 1);

  const enqueue = async (user: string, outbox: Outbox, after?: Enqueued): Promise<void> => {
    const fullUrl = newFullUrl();
    const key = `k${enqueued.length % 2}`;
    const before = after && graphs.get(after.id);
    const message = createMessage(admission(), { Patient: { fullUrl, resource: { resourceType: 'Patient', gender: 'unknown' } } }, { source });
    const graph = before ? updateEntry(before, before.entries[1]?.key ?? '', (patient) => void Object.assign(patient, { active: true })) : message.graph;
    const { id } = await (before ? outbox.enqueue({ event: admission(), graph }, { after: after.id }) : outbox.enqueue(message, { key }));
    enqueued.push({ id, user, after: before && after.id, patient: (before && after.patient) ?? fullUrl });
    graphs.set(id, graph);
  };
  const take = async ({ kind, of, which }: Step): Promise<void> => {
    const user = users[of] ?? 'ann';
    const outbox = outboxes[of];
    const entry = enqueued[which % Math.max(enqueued.length, 1)];
    const { id = '' } = entry ?? {};
    if (outbox === undefined) return;
    switch (kind) {
      case 'enqueue':
        return enqueue(user, outbox);
      case 'follow':
        return enqueue(user, outbox, entry);
      case 'run':
        return outbox.run();
      case 'close':
        outboxes[of] = open(user);
        return outbox.close();
      case 'cancel':
        return void (await outbox.cancel(id));
      case 'remove':
        return void (await outbox.remove(id));
      case 'retry':
      case 'deny':
        if (entry?.user === user) allow(id);
        if (await (kind === 'retry' ? outbox.retry(id) : outbox.decide(id, 'not-processed'))) later.delete(id);
        return;
      case 'decide':
        if (await outbox.decide(id, 'processed')) settled.add(id);
        return;
      case 'clear':
      case 'sweep':
        return void (await outbox.clear({ discardUnsent: kind === 'sweep' }));
      case 'answer': {
        const message = accepted.get(id);
        if (message === undefined) return;
        const answered = which % 2 === 0 ? reply(message) : createReply(message, { source: ward, code: 'fatal-error', issues: [{ severity: 'error', code: 'processing' }] });
        const result = await outbox.accept(answered);
        if (result.kind === 'settled' && (await memory.get(id))) later.set(id, result.reply.kind);
        return;
      }
      case 'fail':
        failures += 1 + (which % 2);
        return;
      case 'pass':
        time += [1_000, 15_000, 40_000, 70_000, 600_000, 90_000_000][which] ?? 0;
    }
  };
  for (const each of steps) {
    begin(take(each));
    await turns(each.turns);
  }
  failures = 0;
  await turns(400);
  for (const outbox of outboxes) begin(outbox.close());
  if (!(await ends(Promise.all(work), 5_000))) faults.push('something hangs');
  const last = users.map(open);
  for (let round = 0; round < 12; round += 1) {
    time += 400_000;
    // What the other side never answers is given up with its outbox.
    if (!(await ends(Promise.all(last.map((outbox) => outbox.run())), 5_000))) {
      await Promise.all(last.map((outbox) => outbox.close()));
      last.splice(0, 3, ...users.map(open));
    }
  }
  const { records } = await memory.list();
  const states = new Map(
    await Promise.all(
      records.map(async ({ id, key, account, facts: { state, reason } }) => {
        const outbox = last[account.includes('bob') ? 2 : 0];
        const read = await outbox?.read(id).catch(() => undefined);
        return [id, { state, reason, key, code: read?.reply?.graph.header?.response?.code, canBeRead: read !== undefined }] as const;
      }),
    ),
  );
  const shown = new Map(await Promise.all(users.map(async (user, of) => [user, ((await last[of]?.list())?.entries ?? []).map(({ id }) => id)] as const)));
  return { given, settled, enqueued, transmissions, moves, gone, later, faults, states, shown };
}

/** Whether it surely is not processed, and may be sent again by itself. */
export function mayGoAgain({ fate }: Transmission): boolean {
  return harmless.has(fate);
}
