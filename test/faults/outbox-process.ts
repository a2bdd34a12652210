// An outbox in a process of its own, which does the jobs that its parent sends, one after the other: node outbox-process.ts
import { createMessage, createMessenger, processMessageTransport } from '@fhir-messaging/core';
import type { Message, OutboxStore, Transport } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import type { OutboxEntry } from '@fhir-messaging/outbox';
import { postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { sqliteOutboxStore } from '@fhir-messaging/storage/sqlite';
import { Pool } from 'pg';
import { admit } from '../storage/events.ts';
import { seeded } from './seeded.ts';

/** What an outbox has to do. */
export interface Job {
  readonly kind: 'sqlite' | 'postgres';
  readonly database: string;
  readonly account: string;
  readonly receiver: string;
  /** How long the receiver is known to recognise a message; 0 where it does not. */
  readonly cacheMinutes: number;
  /** What to enqueue: `key.number` each. */
  readonly messages: readonly string[];
  /** What a person says of those that are uncertain. */
  readonly decisions: Readonly<Record<string, 'processed' | 'not-processed'>>;
  /** Whether it asks its parent before each step. */
  readonly isStepped: boolean;
}

/** What an outbox tells its parent. */
export type Word = { readonly say: 'step'; readonly number: number; readonly name: string } | { readonly say: 'queued'; readonly message: string } | { readonly say: 'done'; readonly entries: Readonly<Record<string, OutboxEntry['state']>> };

const steps: (() => void)[] = [];

/** Waits until the parent lets it go on; the parent may kill it instead. */
const step = (name: string): Promise<void> =>
  new Promise((resolve) => {
    tell({ say: 'step', number: steps.push(resolve) - 1, name });
  });
const tell = (word: Word): void => void process.send?.(word);

/** The same message each time it is asked for, as an application has it that kept it until it was queued. */
function messageOf(name: string): Message {
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    const digits = [0, 1, 2, 3].map((part) => Math.floor(seeded(0, name, ids, part) * 2 ** 32).toString(16).padStart(8, '0')).join('');
    return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  };
  return createMessage(admit, { Patient: { resourceType: 'Patient', id: name } }, { source: 'https://app.example.org', newId, now: () => 0 });
}

function stepped(store: OutboxStore): OutboxStore {
  const around = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    await step(`before ${name}`);
    const result = await run();
    await step(`after ${name}`);
    return result;
  };
  return {
    ...store,
    add: (entry) => around('add', () => store.add(entry)),
    claim: (claiming) => around('claim', () => store.claim(claiming)),
    update: (hold, change) => around(`update to ${change.facts.state}`, () => store.update(hold, change)),
  };
}

async function work({ kind, database, account, receiver, cacheMinutes, messages, decisions, isStepped }: Job): Promise<void> {
  const pool = kind === 'postgres' ? new Pool({ connectionString: database, max: 4, application_name: isStepped ? account : 'survivor' }) : undefined;
  const sqlite = kind === 'sqlite' ? sqliteOutboxStore(database) : undefined;
  const store: OutboxStore = sqlite ?? postgresOutboxStore(pool!);
  const post = processMessageTransport({ baseUrl: receiver });
  const transport: Transport = async (outgoing) => {
    if (isStepped) await step('before send');
    const receipt = await post(outgoing);
    if (isStepped) await step('after send');
    return receipt;
  };
  const outbox = createOutbox({
    store: isStepped ? stepped(store) : store,
    messenger: createMessenger({ transport, peer: { reliableCacheMinutes: cacheMinutes } }),
    account: { issuer: 'https://ehr.example.org', baseUrl: 'https://ehr.example.org/r4', clientId: 'app', user: account },
    events: [admit],
    peer: { reliableCacheMinutes: cacheMinutes },
    concurrency: 2,
    atLeast: 'ephemeral',
  });
  for (const name of messages) {
    const { id } = await outbox.enqueue(messageOf(name), { key: name.slice(0, name.lastIndexOf('.')) });
    tell({ say: 'queued', message: name });
    names.set(id, name);
  }
  const nameOf = async (id: string): Promise<string> => names.get(id) ?? (await outbox.read(id))?.graph.all('Patient')[0]?.id ?? id;
  for (const { id } of (await outbox.list()).entries) {
    const decision = decisions[await nameOf(id)];
    if (decision !== undefined) await outbox.decide(id, decision);
  }
  await outbox.run();
  const { entries } = await outbox.list();
  const states = await Promise.all(entries.map(async ({ id, state }) => [await nameOf(id), state] as const));
  await outbox.close();
  sqlite?.close();
  await pool?.end();
  tell({ say: 'done', entries: Object.fromEntries(states) });
}

const names = new Map<string, string>();

process.on('message', (word: { readonly go: number } | { readonly job: Job }) => {
  if ('go' in word) steps[word.go]?.();
  else void work(word.job);
});
process.on('disconnect', () => process.exit());
