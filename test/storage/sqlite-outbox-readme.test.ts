import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import { sqliteOutboxStore } from '@fhir-messaging/storage/sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../exchange/loopback.ts';
import { account, receiverOf, serve } from '../outbox/outbox-under-test.ts';
import { admit } from './events.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-outbox-readme-'));
const file = join(folder, 'outbox.db');
afterAll(() => rmSync(folder, { recursive: true }));

describe("the README's example of an outbox on SQLite", () => {
  it('is the code below, to the letter', async () => {
    const [readme, own] = await Promise.all(['../../packages/storage/README.md', './sqlite-outbox-readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(example).not.toBe('');
    expect(readme).toContain(`\n\n${example}\`\`\``);
  });

  it('sends the message', async () => {
    const server = await startServer(serve(receiverOf([])));
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source: 'https://app.example.org' });
    const patient = { resourceType: 'Patient' as const, id: 'p1' };
// README-START
const outbox = createOutbox({ store: sqliteOutboxStore(file), messenger, account, events: [admit] });
await outbox.enqueue(messenger.create(admit, { Patient: patient })); // from here on it is on the disk
await outbox.run();
// README-END
    expect(await outbox.durability).toBe('durable');
    expect((await outbox.list()).entries).toMatchObject([{ state: 'replied', sends: 1 }]);
    await outbox.close();
    await server.stop();
  });
});
