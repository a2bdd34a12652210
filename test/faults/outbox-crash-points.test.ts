import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import { createPostgresTables } from '@fhir-messaging/storage/postgres';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { admit } from '../storage/events.ts';
import { freshSchema } from '../storage/postgres-schema.ts';
import type { PostgresSchema } from '../storage/postgres-schema.ts';
import type { Job } from './outbox-process.ts';
import { startOutboxProcess } from './outboxes.ts';
import type { OutboxProcess } from './outboxes.ts';
import { record, seed, total } from './results.ts';
import { seeded } from './seeded.ts';

const postgres = inject('postgresUrl');
/** Of the 500 on each database (a tenth of it where the size is not full), half are against a receiver that remembers. */
const runs = total / 40;
const keys = ['a', 'b'];
const numbers = [0, 1];

/** Where the outbox of a run keeps its messages. */
interface Place {
  readonly database: string;
  /** As if the time of every lease had passed. */
  readonly endLeases: () => Promise<unknown>;
}

/** What the receiver did, by run: the messages whose effect it had, in order. */
const effects = new Map<string, string[]>();
/** What takes part in counting steps, by run. */
const steps = new Map<string, (name: string) => Promise<void>>();
const runOf = (message: string): string => message.slice(0, message.indexOf('.'));

/** A receiver, with a cache for all of its messages or for none. */
function newReceiver() {
  return createReceiver({ source: 'https://ward.example.org/fhir', cache: memoryCache({ maxEntries: 100_000 }) }).on(admit, async ({ payload: { Patient } }) => {
    const message = Patient.id ?? '';
    const step = steps.get(runOf(message));
    await step?.('before the effect');
    effects.set(runOf(message), [...(effects.get(runOf(message)) ?? []), message]);
    await step?.('after the effect');
    return { focus: [Patient] };
  });
}

const remembering = httpHandler(newReceiver());
const serving = toNodeHandler((request) => (new URL(request.url).pathname.startsWith('/remembers') ? remembering(request) : httpHandler(newReceiver())(request)));

/** One run: a process that is killed at a step, and another that finishes what it left. */
async function crash(job: Job, endLeases: Place['endLeases'], survivor: OutboxProcess, killAt: number) {
  const run = runOf(job.messages[0]!);
  const victim = startOutboxProcess();
  const { killedAt, queued, steps: count } = await victim.run({ ...job, isStepped: true }, killAt, (step) => steps.set(run, step));
  steps.delete(run);
  if (killedAt === undefined) await victim.stop();
  await endLeases();
  const messages = job.messages.filter((message) => !queued.includes(message));
  const { entries = {} } = await survivor.run({ ...job, messages });
  const seen = [...(effects.get(run) ?? [])];
  const doubtful = job.messages.filter((message) => entries[message] === 'uncertain');
  // A person looks at the ward's list, and says so.
  const decisions = Object.fromEntries(doubtful.map((message) => [message, seen.includes(message) ? 'processed' : 'not-processed'] as const));
  const final = doubtful.length === 0 ? entries : (await survivor.run({ ...job, messages: [], decisions })).entries;
  return { killedAt, count, entries, seen, doubtful, final, effects: effects.get(run) ?? [] };
}

type Crashed = Awaited<ReturnType<typeof crash>>;

/** What must hold at the end of a run, as a list of what does not. */
function wrongs(messages: readonly string[], remembers: boolean, { entries, seen, doubtful, final, effects: had, killedAt = '' }: Crashed): string[] {
  const wrong: string[] = [];
  const say = (isWrong: boolean, what: string): void => void (isWrong && wrong.push(`${what} (killed ${killedAt})`));
  for (const message of messages) {
    const times = had.filter((each) => each === message).length;
    say(times !== 1, `${message}: ${times} effects`);
    say(final?.[message] !== 'replied', `${message} ends ${final?.[message]}`);
    say(entries[message] === undefined, `${message} is lost`);
    say(entries[message] === 'replied' && !seen.includes(message), `${message} is said to be replied, and never arrived`);
  }
  for (const key of keys) {
    const order = had.filter((message) => message.includes(`.${key}.`));
    say(order.join() !== order.toSorted().join(), `out of order: ${order.join()}`);
  }
  say(remembers && doubtful.length > 0, `uncertain, though the receiver remembers: ${doubtful.join()}`);
  return wrong;
}

describe.each([{ kind: 'sqlite' }, { kind: 'postgres' }] as const)('an outbox on $kind', ({ kind }) => {
  describe.skipIf(kind === 'postgres' && postgres === '')('killed between two steps of enqueue, claim, send and store, and finished by another process', () => {
    let server: Server;
    let schema: PostgresSchema | undefined;
    const folder = mkdtempSync(join(tmpdir(), 'outbox-crash-'));
    const survivors = [startOutboxProcess(), startOutboxProcess()];
    beforeAll(async () => {
      server = createServer(serving).listen(0, '127.0.0.1');
      await once(server, 'listening');
      schema = kind === 'postgres' ? await freshSchema(postgres) : undefined;
      if (schema) await createPostgresTables(schema.pool);
    });
    afterAll(async () => {
      await Promise.all(survivors.map((survivor) => survivor.stop()));
      server.closeAllConnections();
      server.close();
      await schema?.drop();
      rmSync(folder, { recursive: true });
    });

    const placeOf = (run: string): Place => {
      if (schema) {
        const { pool, url } = schema;
        const endLeases = async (): Promise<void> => {
          // What a process sent before it was killed, PostgreSQL still does.
          await expect.poll(async () => (await pool.query('select 1 from pg_stat_activity where application_name = $1', [run])).rowCount, { timeout: 60_000 }).toBe(0);
          await pool.query("update fhir_outbox set leased_until = clock_timestamp() where key like $1 || '.%'", [run]);
        };
        return { database: url, endLeases };
      }
      const database = join(folder, `${run}.db`);
      const endLeases = (): Promise<void> => {
        const own = new DatabaseSync(database);
        // It may have been killed before there was a table.
        if (own.prepare("select 1 from sqlite_master where name = 'fhir_outbox'").get()) own.exec('update fhir_outbox set leased_until = 0');
        own.close();
        return Promise.resolve();
      };
      return { database, endLeases };
    };

    it.each([
      ['a receiver with a cache: nothing is lost, one outcome each, the order of a key kept', 'remembers'],
      ['a receiver without one: nothing is sent twice by itself, the doubtful ones are uncertain until a person decides', 'forgets'],
    ])('against %s', async (_, memory) => {
      const remembers = memory === 'remembers';
      const { port } = server.address() as AddressInfo;
      const crashRun = async (number: number, survivor: OutboxProcess, killAt: number): Promise<Crashed & { readonly wrong: string[] }> => {
        const run = `${kind}-${memory}-${number}`;
        const { database, endLeases } = placeOf(run);
        const messages = numbers.flatMap((place) => keys.map((key) => `${run}.${key}.${place}`));
        const job: Job = { kind, database, account: run, receiver: `http://127.0.0.1:${port}/${memory}`, cacheMinutes: remembers ? 60 : 0, messages, decisions: {}, isStepped: false };
        const crashed = await crash(job, endLeases, survivor, killAt);
        return { ...crashed, wrong: wrongs(messages, remembers, crashed) };
      };
      const whole = await crashRun(0, survivors[0]!, 0);
      expect(whole).toMatchObject({ killedAt: undefined, doubtful: [], wrong: [] });

      const results: Awaited<ReturnType<typeof crashRun>>[] = [];
      let next = 1;
      const lane = async (survivor: OutboxProcess): Promise<void> => {
        while (next <= runs) {
          const number = next++;
          results.push(await crashRun(number, survivor, 1 + Math.floor(seeded(seed, kind, memory, number) * whole.count)));
        }
      };
      await Promise.all(survivors.map(lane));

      const killed = results.filter(({ killedAt }) => killedAt !== undefined);
      const killedAt: Record<string, number> = {};
      for (const { killedAt: at = '' } of killed) killedAt[at] = (killedAt[at] ?? 0) + 1;
      const doubtful = results.flatMap((result) => result.doubtful);
      const seenOf = (result: Crashed): number => result.doubtful.filter((message) => result.seen.includes(message)).length;
      record(`outbox.${kind}.${memory}`, {
        runs,
        killed: killed.length,
        stepsInARun: whole.count,
        messages: runs * keys.length * numbers.length,
        outcomes: results.reduce((sum, result) => sum + result.effects.length, 0),
        uncertain: doubtful.length,
        uncertainThatHadArrived: results.reduce((sum, result) => sum + seenOf(result), 0),
        wrong: results.flatMap(({ wrong }) => wrong).length,
        killedAt,
      });

      expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(killed.length).toBeGreaterThan(runs * 0.9);
      if (!remembers) expect(doubtful.length).toBeGreaterThan(0);
    }, 3_600_000);
  });
});
