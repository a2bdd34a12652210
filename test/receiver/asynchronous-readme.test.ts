import { defineEvent } from '@fhir-messaging/core';
import type { Handler } from '@fhir-messaging/receiver';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createReceiver } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { sqliteCache as openCache } from '@fhir-messaging/storage/sqlite';
import type { SqliteCache } from '@fhir-messaging/storage/sqlite';

const folder = mkdtempSync(join(tmpdir(), 'asynchronous-'));
const caches: SqliteCache[] = [];
const sqliteCache = (name: string): SqliteCache => {
  const cache = openCache(join(folder, name));
  caches.push(cache);
  return cache;
};
const registered: ReadonlyMap<string | undefined, readonly string[]> = new Map([['ward', ['https://ward.example.org']]]);
const order = defineEvent({ coding: { system: 'https://example.org/events', code: 'order' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1' } });
const examine: Handler<typeof order, undefined, unknown> = () => undefined;

// README-START
const receiver = createReceiver({
  source: 'https://laboratory.example.org/fhir',
  cache: sqliteCache('messages.db'),
  replyTo: { origins: (sender) => registered.get(sender) ?? [], fetch: publicFetch() },
}).on(order, examine);
await receiver.resume();
// README-END

afterAll(async () => {
  await receiver.close();
  caches.forEach((cache) => cache.close());
  rmSync(folder, { recursive: true });
});

it('the example of ASYNCHRONOUS.md is the code above, to the letter', async () => {
  const [text, own] = await Promise.all(['../../packages/receiver/ASYNCHRONOUS.md', './asynchronous-readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
  const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

  expect(example).not.toBe('');
  expect(text).toContain(`\n\n${example}\`\`\``);
});
