import { createPostgresTables } from '@fhir-messaging/storage/postgres';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshSchema } from '../storage/postgres-schema.ts';
import type { PostgresSchema } from '../storage/postgres-schema.ts';
import type { LoadAnswer, LoadWord } from './outbox-load.ts';
import { record, total } from './results.ts';

const postgres = inject('postgresUrl');
const processes = 4;
const keys = 200;
const rounds = 5;
const perRound = (total * 2) / rounds;

describe.skipIf(postgres === '')('an outbox on PostgreSQL, with commits that are on the disk', () => {
  let schema: PostgresSchema;
  let children: ChildProcess[] = [];
  beforeAll(async () => {
    schema = await freshSchema(postgres, { isDurable: true });
    await createPostgresTables(schema.pool);
    await schema.pool.query('create table bare (sequence bigint generated always as identity, id text primary key, key text not null, account text not null, facts json not null, bytes bytea not null, reply bytea)');
    const path = fileURLToPath(new URL('outbox-load.ts', import.meta.url));
    children = Array.from({ length: processes }, () => fork(path, [schema.url], { execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'] }));
  });
  afterAll(async () => {
    const exited = children.map((child) => once(child, 'exit'));
    children.forEach((child) => child.disconnect());
    await Promise.all(exited);
    await schema.drop();
  });

  const say = (word: (place: number) => LoadWord): void => children.forEach((child, place) => child.send(word(place)));

  /** Waits until each has answered so. */
  const answers = async (wanted: LoadAnswer): Promise<void> => {
    const one = (child: ChildProcess): Promise<void> =>
      new Promise((resolve) => {
        const hear = (word: LoadAnswer): void => {
          if (word === wanted) resolve(void child.off('message', hear));
        };
        child.on('message', hear);
      });
    await Promise.all(children.map(one));
  };
  const allDone = (): Promise<void> =>
    new Promise((resolve) => {
      const doneBy = children.map(() => 0);
      children.forEach((child, place) => {
        child.on('message', (word: LoadAnswer) => {
          if (typeof word === 'number') doneBy[place] = word;
          if (doneBy.reduce((sum, each) => sum + each) === perRound) resolve();
        });
      });
    });

  /** How long it takes until everything is done, in milliseconds. */
  async function timeOf(go: 'bare' | 'outbox', round: number): Promise<number> {
    const prepared = answers('prepared');
    say((place) => ({ prepare: { messages: perRound / processes, keys: keys / processes, name: `${go}-${round}-${place}` } }));
    await prepared;
    const [done, ended] = [allDone(), answers('ended')];
    const beganAtMs = performance.now();
    say(() => ({ go }));
    await done;
    const ms = performance.now() - beganAtMs;
    say(() => ({ over: true }));
    await ended;
    children.forEach((child) => child.removeAllListeners('message'));
    return ms;
  }

  it('enqueues, claims, sends and stores, beside bare INSERT and UPDATE of the same rows, in turns (a figure, no bar here)', async () => {
    const ratios: number[] = [];
    const times: { bareMs: number; outboxMs: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const bareMs = await timeOf('bare', round);
      const outboxMs = await timeOf('outbox', round);
      ratios.push(bareMs / outboxMs);
      times.push({ bareMs: Math.round(bareMs), outboxMs: Math.round(outboxMs) });
    }
    const { rows } = await schema.pool.query("select facts ->> 'state' as state, count(*)::int as count, count(reply)::int as replies from fhir_outbox group by 1");
    expect(rows).toEqual([{ state: 'replied', count: perRound * rounds, replies: perRound * rounds }]);
    expect((await schema.pool.query('select count(reply)::int as count from bare')).rows).toEqual([{ count: perRound * rounds }]);
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    record('outbox.throughput', { messages: perRound * rounds, processes, keys, throughputToBare: Number(median.toFixed(3)), rounds: times });
  }, 3_600_000);
});
