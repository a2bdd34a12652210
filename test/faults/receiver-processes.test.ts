import { createMessage, createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { createPostgresTables } from '@fhir-messaging/storage/postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { admit } from '../storage/events.ts';
import { freshSchema } from '../storage/postgres-schema.ts';
import type { PostgresSchema } from '../storage/postgres-schema.ts';
import { faults, startProxy } from './fault-proxy.ts';
import { saying, startReceiver } from './receivers.ts';
import type { ReceiverProcess } from './receivers.ts';
import { record, seed, total } from './results.ts';
import { sendAll } from './senders.ts';

const server = inject('postgresUrl');
const kills = 20;

describe.skipIf(server === '')('two receiver processes on PostgreSQL', () => {
  let schema: PostgresSchema;
  let receivers: ReceiverProcess[] = [];
  beforeAll(async () => {
    schema = await freshSchema(server);
    await createPostgresTables(schema.pool);
    await schema.pool.query('create table effect (patient text not null, run text not null); create table outside (patient text not null, run text not null)');
    receivers = await Promise.all([startReceiver(schema.url), startReceiver(schema.url)]);
  });
  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.kill()));
    await schema.drop();
  });
  const countOf = async (what: string, ...values: unknown[]): Promise<number> => {
    const { rows } = await schema.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`, values);
    return rows[0]!.count;
  };

  it('every fault on the wire, and SIGKILL 20 times on the way: one outcome and one effect each, and each sender has the one right reply', async () => {
    const proxy = await startProxy(seed);
    const aim = (): void => {
      proxy.targets = receivers.map(({ port }) => port);
    };
    aim();
    let killed = 0;
    let restarting: Promise<void> | undefined;
    const killOne = async (): Promise<void> => {
      const victim = receivers.shift()!;
      await victim.kill();
      aim();
      receivers.push(await startReceiver(schema.url));
      aim();
    };
    const { replies, attempts, wrong } = await sendAll(proxy.url, total, (count) => {
      if (restarting === undefined && killed < kills && count >= ((killed + 0.5) * total) / kills) {
        killed += 1;
        restarting = killOne().finally(() => (restarting = undefined));
      }
      // Where messages are faster than a restart, the last kills wait for no more than the one under way.
      return count > total / 2 ? restarting : undefined;
    });
    await restarting;
    await proxy.stop();

    const { rows } = await schema.pool.query<{ patient: string; run: string }>('select patient, run from effect');
    const outside = await countOf('outside');
    expect(wrong).toEqual([]);
    expect(killed).toBe(kills);
    expect(rows).toHaveLength(total);
    expect(new Map(rows.map(({ patient, run }) => [patient, run]))).toEqual(replies);
    expect(await countOf('fhir_reliable_cache where status = 200')).toBe(total);
    expect(Object.keys(proxy.counts).sort()).toEqual([...faults, 'none'].sort());
    record('postgres', {
      messages: total,
      senders: 8,
      receivers: 2,
      killed,
      attempts,
      outcomes: rows.length,
      wrongReplies: wrong.length,
      effectsOutsideOfTheTransaction: outside,
      repeatsOutsideOfTheTransaction: outside - total,
      faults: proxy.counts,
    });
  });

  it('1,000 identical posts at once: one outcome and one effect, 1,000 equal replies or a 503 that a resend turns into it', async () => {
    const message = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'identical' } }, { source: 'https://app.example.org' });
    const post = async (index: number): Promise<string> => {
      const { port } = receivers[index % 2]!;
      const headers = { 'content-type': 'application/fhir+json', authorization: 'Bearer sender' };
      const response = await fetch(`http://127.0.0.1:${port}/$process-message`, { method: 'POST', body: message.bytes, headers });
      const text = await response.text();
      if (response.status === 503) expect(response.headers.get('retry-after')).toBe('1');
      return response.status === 503 ? post(index) : `${response.status} ${text}`;
    };
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => post(index)));

    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^200 /);
    expect(await countOf("outside where patient = 'identical'")).toBe(1);
    expect(await countOf("effect where patient = 'identical'")).toBe(1);
  });

  it('SIGSTOP past its lease, and continued: the message is taken over, and the one that lost it stores nothing', async () => {
    const proxy = await startProxy(seed);
    const [slow, other] = receivers as [ReceiverProcess, ReceiverProcess];
    const message = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'paused' } }, { source: 'https://app.example.org' });
    proxy.targets = [slow.port];
    const messenger = createMessenger({
      transport: processMessageTransport({ baseUrl: proxy.url, headers: ({ attempt }) => ({ 'x-request-id': `paused/${attempt}`, authorization: 'Bearer sender' }) }),
      retry: { maxAttempts: Number.POSITIVE_INFINITY, whenDeliveryUnknown: 'always' },
      sleep: () => new Promise(setImmediate),
    });
    const running = saying(slow.child, 'running');
    const reply = messenger.send(message);
    await running;
    slow.child.kill('SIGSTOP');
    await schema.pool.query('update fhir_reliable_cache set leased_until = clock_timestamp() where status is null');

    const takenOver = saying(other.child, 'running');
    proxy.targets = [other.port];
    proxy.cut(slow.port);
    await takenOver;
    other.child.send('go on');
    expect((await reply).kind).toBe('ok');

    const lost = saying(slow.child, 'lease.lost');
    slow.child.kill('SIGCONT');
    slow.child.send('go on');
    await lost;
    // The same message again, to the one that lost it: it answers with the outcome of the other.
    proxy.targets = [slow.port];
    expect((await messenger.send(message)).kind).toBe('ok');
    await proxy.stop();

    expect(await countOf("outside where patient = 'paused'")).toBe(2);
    expect(await countOf("effect where patient = 'paused'")).toBe(1);
  });
});
