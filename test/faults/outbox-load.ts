// A part of the load that an outbox on PostgreSQL is measured with, or of the bare statements that it is held against: node outbox-load.ts <connection string>
import { createMessage, createMessenger, createReply } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import { postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { Pool } from 'pg';
import { admit } from '../storage/events.ts';
import { wardAccount } from './ward-account.ts';

/** What the parent says. */
export type LoadWord = { readonly prepare: { readonly messages: number; readonly keys: number; readonly name: string } } | { readonly go: 'bare' | 'outbox' } | { readonly over: true };

/** What it answers: its messages are prepared, so many are done, and it will say no more of them. */
export type LoadAnswer = 'prepared' | 'ended' | number;

const answer = (word: LoadAnswer): void => void process.send?.(word);

/** As many at once as an outbox sends by itself. */
const lanes = 4;
const pool = new Pool({ connectionString: process.argv[2], max: lanes });
const source = 'https://app.example.org';

const newMessage = (id: string): Message => createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source });
const example = newMessage('example');
const exampleId = example.identity.message ?? '';
const reply = createReply(example, { code: 'ok', source: 'https://ward.example.org/fhir' }).bytes;
const replyText = new TextDecoder().decode(reply);

let queue: { readonly key: string; readonly message: Message }[] = [];
let done = 0;
let isOver = false;

/** A peer that takes no time: what is measured is the outbox. */
const transport: Transport = ({ message }) => {
  done += 1;
  return Promise.resolve({ status: 200, body: new TextEncoder().encode(replyText.replace(exampleId, message.identity.message ?? '')) });
};
const outbox = createOutbox({ store: postgresOutboxStore(pool), messenger: createMessenger({ transport }), account: wardAccount, events: [admit], concurrency: lanes, atLeast: 'durable' });

async function inLanes(run: (each: (typeof queue)[number]) => Promise<unknown>): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let each = queue.pop(); each !== undefined; each = queue.pop()) await run(each);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The same rows, written once and changed once. */
async function runBare(): Promise<void> {
  const facts = JSON.stringify({ state: 'pending', event: { coding: admit.coding }, release: 'R4', isDraft: false, sends: 0, mayBeRepeated: false });
  await inLanes(async ({ key, message: { bytes, identity } }) => {
    await pool.query('insert into bare (id, key, account, facts, bytes) values ($1, $2, $3, $4, $5)', [identity.message, key, JSON.stringify(wardAccount), facts, bytes]);
    await pool.query('update bare set facts = $2, reply = $3 where id = $1', [identity.message, facts, reply]);
    done += 1;
  });
  answer(done);
}

/** What others of the same parent enqueued is sent too, until everything is. */
async function runOutbox(): Promise<void> {
  await inLanes(({ key, message }) => outbox.enqueue(message, { key }));
  while (!isOver) {
    await outbox.run();
    answer(done);
    await new Promise(setImmediate);
  }
}

process.on('message', (word: LoadWord) => {
  if ('prepare' in word) {
    const { messages, keys, name } = word.prepare;
    queue = Array.from({ length: messages }, (_, number) => ({ key: `${name}.${number % keys}`, message: newMessage(`${name}.${number}`) }));
    [done, isOver] = [0, false];
    answer('prepared');
  } else if ('over' in word) isOver = true;
  else void (word.go === 'bare' ? runBare() : runOutbox()).then(() => answer('ended'));
});
process.on('disconnect', () => process.exit());
