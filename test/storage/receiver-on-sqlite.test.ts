import { readReply } from '@fhir-messaging/core';
import type { ReplyContent } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import type { ProcessResult } from '@fhir-messaging/receiver';
import { sqliteCache } from '@fhir-messaging/storage/sqlite';
import { DatabaseSync } from 'node:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { admission, admit } from './events.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-readme-'));
const file = join(folder, 'messages.db');
// README-START
const cache = sqliteCache(file);
const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache }).on(admit, ({ payload, transaction }) => {
  transaction((database) => database.prepare('insert into patient values (?)').run(JSON.stringify(payload.Patient)));
});
// README-END

describe("the README's example on SQLite", () => {
  afterAll(() => {
    cache.close();
    rmSync(folder, { recursive: true });
  });

  it('is the code above, to the letter', async () => {
    const [readme, own] = await Promise.all(['../../packages/storage/README.md', './receiver-on-sqlite.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(example).not.toBe('');
    expect(readme).toContain(`\n\n${example}\`\`\``);
  });

  it('stores the patient with the outcome; what cannot be committed is not remembered, and a resend is processed', async () => {
    const message = admission('p1');
    expect((await receiver.process(message.bytes)).status).toBe(500);
    const database = new DatabaseSync(file);
    database.exec('create table patient (json text not null)');

    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(database.prepare('select json from patient').all()).toEqual([{ json: '{"resourceType":"Patient","id":"p1"}' }]);
    database.close();
  });
});

/** A receiver on a database whose handler writes each patient's id, and then does what it is told. */
function writing(database: DatabaseSync, say: (run: number) => ReplyContent | Promise<ReplyContent> = () => ({})) {
  let runs = 0;
  const onError = vi.fn();
  const own = createReceiver({ source: 'https://ward.example.org/fhir', cache: sqliteCache(database), onError }).on(admit, ({ payload, transaction }) => {
    transaction((of) => of.prepare('insert into patient values (?)').run(payload.Patient.id ?? null));
    return say((runs += 1));
  });
  return { receiver: own, runs: () => runs, onError };
}

function open(): { database: DatabaseSync; patients: () => unknown[] } {
  const database = new DatabaseSync(':memory:');
  database.exec('create table patient (id text not null unique)');
  return { database, patients: () => database.prepare('select id from patient').all().map((row) => row['id']) };
}

const codeOf = ({ bytes }: ProcessResult): string | undefined => readReply(bytes ?? '').code;

describe('a receiver on sqliteCache: what a handler does in its transaction', () => {
  it('is there once, with the outcome, however often the message comes, also to another receiver on the database', async () => {
    const { database, patients } = open();
    const [one, other] = [writing(database), writing(database)];
    const message = admission('p1');
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : other).receiver.process(message.bytes)));

    expect(patients()).toEqual(['p1']);
    expect(new Set(results.map(({ bytes }) => new TextDecoder().decode(bytes))).size).toBe(1);
    expect(one.runs() + other.runs()).toBe(1);
  });

  it('is undone with a transient-error, and done by a resend', async () => {
    const { database, patients } = open();
    const { receiver: own } = writing(database, (run) => (run === 1 ? { code: 'transient-error' } : {}));
    const message = admission('p1');

    expect(codeOf(await own.process(message.bytes))).toBe('transient-error');
    expect(patients()).toEqual([]);
    expect(codeOf(await own.process(message.bytes))).toBe('ok');
    expect(patients()).toEqual(['p1']);
  });

  it('is undone with a throw', async () => {
    const { database, patients } = open();
    const { receiver: own } = writing(database, () => {
      throw new Error('fault');
    });

    expect((await own.process(admission('p1').bytes)).status).toBe(500);
    expect(patients()).toEqual([]);
  });

  it.each([
    ['status', { status: 500, issues: [expect.objectContaining({ rule: 'handler.failed' })] }],
    ['message', { status: 200, responseCode: 'transient-error' }],
  ] as const)('that throws there is a handler that failed, which is told of, leaves nothing, and is done by a resend (errors: %s)', async (errors, answer) => {
    const { database, patients } = open();
    const fault = new Error('fault');
    const onError = vi.fn();
    let runs = 0;
    const own = createReceiver({ source: 'https://ward.example.org/fhir', cache: sqliteCache(database), onError }).on(admit, ({ payload, transaction }) => {
      runs += 1;
      transaction((of) => {
        of.prepare('insert into patient values (?)').run(payload.Patient.id ?? null);
        if (runs === 1) throw fault;
      });
    });
    const message = admission('p1');

    expect(await own.process(message.bytes, { errors })).toMatchObject(answer);
    expect([patients(), onError.mock.calls]).toEqual([[], [[fault, expect.anything()]]]);
    expect(codeOf(await own.process(message.bytes, { errors }))).toBe('ok');
    expect([patients(), runs]).toEqual([['p1'], 2]);
  });

  it('beside ok and an error in its issues is undone, and the fatal-error that this counts as is final', async () => {
    const { database, patients } = open();
    const { receiver: own } = writing(database, () => ({ code: 'ok', issues: [{ severity: 'error', code: 'processing' }] }));
    const message = admission('p1');
    const result = await own.process(message.bytes);

    expect(result).toMatchObject({ status: 200, responseCode: 'fatal-error' });
    expect((await own.process(message.bytes)).bytes).toEqual(result.bytes);
    expect(patients()).toEqual([]);
  });

  it('where its outcome cannot be stored, and it used no transaction: it runs again with the resend, without waiting for a lease', async () => {
    const { database } = open();
    let runs = 0;
    const onError = vi.fn();
    const own = createReceiver({ source: 'https://ward.example.org/fhir', cache: sqliteCache(database), onError }).on(admit, () => void (runs += 1));
    database.exec("create trigger fault before update on fhir_reliable_cache begin select raise(abort, 'disk full'); end");
    const message = admission('p1');
    const result = await own.process(message.bytes);
    expect([result.status, result.issues[0]?.rule]).toEqual([500, 'handler.failed']);
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'storage.unavailable' }), expect.anything()]]);
    database.exec('drop trigger fault');

    expect((await own.process(message.bytes)).status).toBe(200);
    expect(runs).toBe(2);
  });

  it.each([{ code: 'fatal-error' }, {}] as const)('is done with a fatal-error, which is final: %j and an error in its issues', async (content) => {
    const { database, patients } = open();
    const { receiver: own, runs } = writing(database, () => ({ ...content, issues: [{ severity: 'error', code: 'business-rule' }] }));
    const message = admission('p1');
    await own.process(message.bytes);

    expect(codeOf(await own.process(message.bytes))).toBe('fatal-error');
    expect(patients()).toEqual(['p1']);
    expect(runs()).toBe(1);
  });

  it('is refused with its outcome where another process took the message over meanwhile: its sender gets that one\'s', async () => {
    const { database, patients } = open();
    const other = writing(database);
    const message = admission('p1');
    let second: ProcessResult | undefined;
    const first = writing(database, async () => {
      database.exec('update fhir_reliable_cache set leased_until = 0');
      second = await other.receiver.process(message.bytes);
      return { issues: [{ severity: 'information', code: 'informational', diagnostics: 'The one that lost.' }] };
    });
    const result = await first.receiver.process(message.bytes);

    expect(first.onError.mock.calls).toEqual([[expect.objectContaining({ code: 'lease.lost' }), expect.anything()]]);
    expect(patients()).toEqual(['p1']);
    expect(result.issues).toEqual([]);
    expect(result.bytes).toEqual(second?.bytes);
  });
});
