import type { AnyResource, ReliableCache } from '@fhir-messaging/core';
import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import { sqliteCache } from '@fhir-messaging/storage/sqlite';
import type { SqliteTransaction } from '@fhir-messaging/storage/sqlite';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { admit } from '../storage/events.ts';
import { faults, startProxy } from './fault-proxy.ts';
import { record, seed, total } from './results.ts';
import { sendAll } from './senders.ts';

interface Handled {
  readonly patient: string;
  readonly run: string;
}

/** Sends everything through the proxy to a receiver in this process; `write` is its handler's effect. */
async function sendThroughFaults<TTransaction>(name: string, cache: ReliableCache<TTransaction>, write: (transaction: TTransaction, handled: Handled) => void, all: () => readonly Handled[]): Promise<void> {
  const receiver = createReceiver<undefined, TTransaction>({ source: 'https://ward.example.org/fhir', cache }).on(admit, async ({ payload: { Patient }, transaction }) => {
    const run = crypto.randomUUID();
    await new Promise(setImmediate);
    write(transaction, { patient: Patient.id ?? '', run });
    return { focus: [{ ...Patient, identifier: [{ value: run }] } satisfies AnyResource] };
  });
  const authenticate = (request: Request): string | undefined => request.headers.get('authorization') ?? undefined;
  const server = createServer(toNodeHandler(httpHandler(receiver, { authenticate }))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy(seed);
  proxy.targets = [(server.address() as AddressInfo).port];

  const { replies, attempts, wrong } = await sendAll(proxy.url, total);
  await proxy.stop();
  await receiver.close();
  server.closeAllConnections();
  server.close();

  const effects = all();
  expect(wrong).toEqual([]);
  expect(effects).toHaveLength(total);
  expect(new Map(effects.map(({ patient, run }) => [patient, run]))).toEqual(replies);
  expect(Object.keys(proxy.counts).sort()).toEqual([...faults, 'none'].sort());
  record(name, { messages: total, senders: 8, attempts, outcomes: effects.length, wrongReplies: wrong.length, faults: proxy.counts });
}

describe('consequence messages from 8 senders, through every fault on the wire: one outcome each, and each sender has the one right reply', () => {
  it('memoryCache', async () => {
    const handled: Handled[] = [];
    await sendThroughFaults('memory', memoryCache({ maxEntries: total }), (_, each) => void handled.push(each), () => handled);
  });

  it('sqliteCache', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-faults-'));
    const path = join(folder, 'cache.db');
    const database = new DatabaseSync(path);
    database.exec('create table effect (patient text not null, run text not null)');
    const cache = sqliteCache(path);
    const write = (transaction: SqliteTransaction, { patient, run }: Handled): void => {
      transaction((own) => own.prepare('insert into effect values (?, ?)').run(patient, run));
    };
    const all = (): Handled[] => database.prepare('select patient, run from effect').all().map((row) => ({ patient: String(row['patient']), run: String(row['run']) }));
    await sendThroughFaults('sqlite', cache, write, all);
    cache.close();
    database.close();
    rmSync(folder, { recursive: true });
  });
});
