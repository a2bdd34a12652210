import { createReceiver } from '@fhir-messaging/receiver';
import type { ProcessResult } from '@fhir-messaging/receiver';
import { createPostgresTables, postgresCache } from '@fhir-messaging/storage/postgres';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { admission, admit } from './events.ts';
import { freshSchema } from './postgres-schema.ts';
import type { PostgresSchema } from './postgres-schema.ts';

const server = inject('postgresUrl');

describe.skipIf(server === '')('on PostgreSQL', () => {
  let schema: PostgresSchema;
  beforeAll(async () => {
    schema = await freshSchema(server);
    await schema.pool.query('create table patient (json jsonb not null)');
  });
  afterAll(() => schema.drop());
  const patients = async (): Promise<unknown[]> => (await schema.pool.query<{ json: { id: string } }>('select json from patient')).rows.map(({ json }) => json.id);

  const example = async (connectionString: string) => {
    const log = (error: Error): never => {
      throw error;
    };
// README-START
const pool = new Pool({ connectionString });
pool.on('error', log); // without a listener, an idle connection that the server ends would end this process
await createPostgresTables(pool);
const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ payload, transaction }) => {
  const client = await transaction();
  await client.query('insert into patient values ($1)', [payload.Patient]);
});
// README-END
    return { pool, receiver };
  };

  it("the README's example is the code above, to the letter", async () => {
    const [readme, own] = await Promise.all(['../../packages/storage/README.md', './postgres-receiver.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const code = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(code).not.toBe('');
    expect(readme).toContain(`\n\n${code}\`\`\``);
  });

  it("the README's example stores each patient once, however often the message comes", async () => {
    const { pool, receiver } = await example(schema.url);
    const message = admission('p1');

    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect(await patients()).toEqual(['p1']);
    await pool.end();
  });

  it('1,000 identical messages at once to two receivers: one effect, one outcome, 1,000 equal replies or a 503 that a resend turns into it', async () => {
    const both = [await example(schema.url), await example(schema.url)];
    const message = admission('p1000');
    const results = await Promise.all(Array.from({ length: 1000 }, (_, index) => both[index % 2]!.receiver.process(message.bytes)));
    const textOf = ({ bytes }: ProcessResult): string => new TextDecoder().decode(bytes);
    const answered = results.filter(({ status }) => status === 200);
    const rest = await Promise.all(results.filter(({ status }) => status === 503).map(() => both[0]!.receiver.process(message.bytes)));

    expect(answered.length + rest.length).toBe(1000);
    expect(new Set([...answered, ...rest].map(textOf)).size).toBe(1);
    expect((await patients()).filter((id) => id === 'p1000')).toHaveLength(1);
    await Promise.all(both.map(({ pool }) => pool.end()));
  });

  it('a resend waits without a connection: a pool of one serves many that wait, and the handler', async () => {
    const pool = new Pool({ connectionString: schema.url, max: 1 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let runs = 0;
    const receivers = Array.from({ length: 2 }, () =>
      createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache(pool), inFlight: { pollMs: 5 } }).on(admit, async () => {
        runs += 1;
        await gate;
      }),
    );
    const message = admission();
    const all = Array.from({ length: 50 }, (_, index) => receivers[index % 2]!.process(message.bytes));
    await pool.query('select 1');
    open();

    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(runs).toBe(1);
    await pool.end();
  });

  it.each([
    ['a deferred constraint that fails at the commit', "insert into deferred values ('taken')", '23505'],
    ['a statement that failed, of which the handler said nothing', 'insert into nowhere values (1)', '25P02'],
    ['a connection that is gone', 'select pg_terminate_backend(pg_backend_pid())', undefined],
  ])('%s is a handler that failed: 500, told of with the code, nothing left of it, and a resend is processed', async (_, statement, code) => {
    const pool = new Pool({ connectionString: schema.url });
    await pool.query("create table if not exists deferred (v text unique deferrable initially deferred); truncate deferred; insert into deferred values ('taken')");
    const onError = vi.fn();
    const id = randomUUID();
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool), onError }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      await client.query('insert into patient values ($1)', [{ id }]);
      runs += 1;
      if (runs === 1) await client.query(statement).catch(() => undefined);
    });
    const message = admission();
    const result = await receiver.process(message.bytes);

    expect([result.status, result.issues.map(({ rule }) => rule)]).toEqual([500, ['handler.failed']]);
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'storage.unavailable', ...(code !== undefined && { message: `PostgreSQL cannot keep it: ${code}.` }) }), expect.anything()]]);
    expect(await patients()).not.toContain(id);
    expect((await receiver.process(message.bytes)).status).toBe(200);
    expect((await patients()).filter((stored) => stored === id)).toHaveLength(1);
    await pool.end();
  });

  it('a session that the server ends during the commit is a handler that failed, and no uncaught error: first 500, again 200, runs 2', async () => {
    const pool = new Pool({ connectionString: schema.url }).on('error', () => undefined);
    await createPostgresTables(pool);
    await pool.query(`
      create table slow (run int);
      create function take_long() returns trigger language plpgsql as 'begin if new.run = 1 then perform pg_sleep(60); end if; return new; end';
      create constraint trigger at_commit after insert on slow deferrable initially deferred for each row execute function take_long()`);
    const uncaught = vi.fn();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', uncaught);
    let runs = 0;
    let session = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      session = rows[0]?.pid ?? 0;
      runs += 1;
      await client.query('insert into slow values ($1)', [runs]);
    });
    const message = admission();
    const first = receiver.process(message.bytes);
    await vi.waitUntil(async () => (await schema.pool.query("select 1 from pg_stat_activity where pid = $1 and query = 'commit' and state = 'active'", [session])).rowCount === 1, 20_000);
    await schema.pool.query('select pg_terminate_backend($1)', [session]);
    const statuses = [(await first).status, (await receiver.process(message.bytes)).status];
    await pool.end();
    process.off('uncaughtException', uncaught);
    for (const other of others) process.on('uncaughtException', other);

    expect({ statuses, runs, uncaught: uncaught.mock.calls }).toEqual({ statuses: [500, 200], runs: 2, uncaught: [] });
  });

  it.each([
    ['after its rollback', 'select 1', 0],
    ['while its rollback waits for a statement of it', 'select pg_sleep(0.3)', 100],
  ])('what a handler that failed still sends %s is kept by nobody, nor by the next message that would have had its connection', async (_, statement, afterMs) => {
    const pool = new Pool({ connectionString: schema.url, max: 1 });
    const [failed, next, late] = [randomUUID(), randomUUID(), randomUUID()];
    const insert = (client: PoolClient, id: string): Promise<unknown> => client.query('insert into patient values ($1)', [{ id }]).then(() => 'sent', () => 'refused');
    let sendLate: Promise<unknown> | undefined;
    let held: PoolClient | undefined;
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      if (held !== undefined) {
        sendLate ??= insert(held, late);
        await sendLate;
        await insert(client, next);
        return;
      }
      held = client;
      await insert(client, failed);
      void client.query(statement).catch(() => undefined);
      if (afterMs > 0) sendLate = new Promise((resolve) => setTimeout(resolve, afterMs)).then(() => insert(client, late));
      throw new Error('the other half of the work failed');
    });
    const statuses = [(await receiver.process(admission().bytes)).status, (await receiver.process(admission().bytes)).status];
    await sendLate;
    const stored = await patients();
    await pool.end();

    expect({ statuses, stored: [failed, next, late].map((id) => stored.includes(id)) }).toEqual({ statuses: [500, 200], stored: [false, true, false] });
  });

  it('a statement that hangs keeps neither the claim of its handler, which is left behind by close({ withinMs }), nor its connection', async () => {
    const pool = new Pool({ connectionString: schema.url });
    await createPostgresTables(pool);
    const cache = postgresCache<PoolClient>(pool);
    const [hanging, next] = [randomUUID(), randomUUID()];
    let session = 0;
    const left = createReceiver({ source: 'https://ward.example.org/fhir', cache }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      await client.query('insert into patient values ($1)', [{ id: hanging }]);
      session = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;
      await client.query('select pg_sleep(60)');
    });
    const sleeps = async (): Promise<boolean> => (await schema.pool.query("select 1 from pg_stat_activity where pid = $1 and query like '%pg_sleep%' and state = 'active'", [session])).rowCount === 1;
    const message = admission();
    const processed = left.process(message.bytes);
    await vi.waitUntil(sleeps, 20_000);
    await left.close({ withinMs: 0 });
    const first = (await processed).status;
    const second = await createReceiver({ source: 'https://ward.example.org/fhir', cache, inFlight: { waitMs: 1 } })
      .on(admit, async ({ transaction }) => void (await (await transaction()).query('insert into patient values ($1)', [{ id: next }])))
      .process(message.bytes);
    await pool.end();
    const stored = await patients();

    expect({ statuses: [first, second.status], stored: [hanging, next].map((id) => stored.includes(id)) }).toEqual({ statuses: [500, 200], stored: [false, true] });
    await expect.poll(sleeps).toBe(false);
  });

  it('a handler that fails while its statement runs, by a limit of its own, leaves neither the statement nor its locks behind', async () => {
    const pool = new Pool({ connectionString: schema.url, max: 2 });
    await createPostgresTables(pool);
    await schema.pool.query('create table counter (value integer)');
    await schema.pool.query('insert into counter values (0)');
    const processIds: unknown[] = [];
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      processIds.push((await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid);
      await client.query('update counter set value = value + 1');
      await Promise.race([client.query('select pg_sleep(10)'), new Promise((_, reject) => void setTimeout(() => reject(new Error('too slow')), 20))]);
    });
    const message = admission();

    for (let count = 1; count <= 3; count += 1) {
      expect((await receiver.process(message.bytes)).status).toBe(500);
      expect(processIds).toHaveLength(count);
      await expect.poll(async () => (await schema.pool.query('select 1 from pg_stat_activity where pid = any($1)', [processIds])).rowCount, { timeout: 3_000 }).toBe(0);
    }
    await pool.end();
    expect((await schema.pool.query('update counter set value = value + 1 returning value')).rows).toEqual([{ value: 1 }]);
  });

  it('a cancellation is none of a session that was given the process of a failed handler anew', async () => {
    const pool = new Pool({ connectionString: schema.url });
    await createPostgresTables(pool);
    const another = await schema.pool.connect();
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction }) => {
      const client = await transaction();
      Object.assign(client, { processID: Reflect.get(another, 'processID') });
      await Promise.race([client.query('select pg_sleep(1)'), new Promise((_, reject) => void setTimeout(() => reject(new Error('too slow')), 300))]);
    });
    const processed = receiver.process(admission().bytes);
    await new Promise((resolve) => void setTimeout(resolve, 600));

    await expect(another.query('select pg_sleep(1)')).resolves.toMatchObject({ rowCount: 1 });
    expect((await processed).status).toBe(500);
    another.release();
    await pool.end();
  });

  it('ok beside an error is a fatal-error that is remembered: its transaction is undone, and a resend is not processed', async () => {
    const pool = new Pool({ connectionString: schema.url });
    await createPostgresTables(pool);
    const id = randomUUID();
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction }) => {
      runs += 1;
      await (await transaction()).query('insert into patient values ($1)', [{ id }]);
      return { code: 'ok', issues: [{ severity: 'error', code: 'processing' }] };
    });
    const message = admission();
    const result = await receiver.process(message.bytes);

    expect(result).toMatchObject({ status: 200, responseCode: 'fatal-error' });
    expect((await receiver.process(message.bytes)).bytes).toEqual(result.bytes);
    expect([runs, await patients()]).toEqual([1, expect.not.arrayContaining([id])]);
    await pool.end();
  });
});
