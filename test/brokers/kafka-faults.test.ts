import { createPostgresTables } from '@fhir-messaging/storage/postgres';
import { Admin } from '@platformatic/kafka';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { freshSchema } from '../storage/postgres-schema.ts';
import type { PostgresSchema } from '../storage/postgres-schema.ts';
import { keys, sendFlow, startConsumer } from './kafka/flow.ts';
import type { ConsumerProcess, Sent } from './kafka/flow.ts';
import { startKafka } from './kafka/kafka-cluster.ts';
import type { KafkaCluster } from './kafka/kafka-cluster.ts';
import { kafkaJars } from './kafka/kafka-jars.ts';
import { createTopics } from './kafka/topics.ts';
import { record, total } from './results.ts';

const database = inject('postgresUrl');
const topic = 'admissions';

// It kills what it runs on, so that a broker elsewhere is of no use.
describe.skipIf(database === '' || inject('kafkaBroker') === '')('Kafka under faults: one recorded outcome for each message, none lost, order kept for each key (strict)', { timeout: 600_000 }, () => {
  let cluster: KafkaCluster | undefined;
  let schema: PostgresSchema;
  let consumers: ConsumerProcess[] = [];
  let restarting: Promise<void> | undefined;
  beforeEach(async () => {
    schema = await freshSchema(database);
    await createPostgresTables(schema.pool);
    await schema.pool.query('create table effect (id bigserial, key text not null, number int not null, process int not null); create table started (key text not null, number int not null)');
  });
  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.kill()));
    consumers = [];
    await restarting;
    await cluster?.stop();
    await schema.drop();
  });
  const start = async (brokers: number): Promise<string[]> => {
    cluster = await startKafka(kafkaJars(), brokers);
    const bootstrapBrokers = [...cluster.brokers];
    await createTopics(bootstrapBrokers, topic, `${topic}.dead`);
    return bootstrapBrokers;
  };
  /** Messages go on while the broker is gone, and comes back. */
  const killAndRestart = async (node: number): Promise<void> => {
    await restarting;
    await cluster?.kill(node);
    restarting = cluster?.restart(node);
  };
  const countOf = async (what: string): Promise<number> => (await schema.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`)).rows[0]?.count ?? 0;

  /** Does something each time that so many messages were sent; meanwhile no key gets its next one, so that it strikes while all that was sent is on its way. */
  const atCounts = (counts: readonly number[], act: (index: number) => Promise<void>): ((count: number) => Promise<void>) => {
    let acting = Promise.resolve();
    return (count) => {
      const index = counts.indexOf(count);
      if (index >= 0) acting = acting.then(() => act(index));
      return acting;
    };
  };
  const spread = (times: number): readonly number[] => Array.from({ length: times }, (_, index) => Math.floor(((index + 0.5) * total) / times));

  const expectAll = async (name: string, sent: Sent, figures: Readonly<Record<string, unknown>>): Promise<void> => {
    await expect.poll(() => countOf('effect'), { timeout: 180_000, interval: 250 }).toBe(total);
    const { rows } = await schema.pool.query<{ key: string; number: number }>('select key, number from effect order by id');
    const outcomes = await countOf('fhir_reliable_cache where status = 200');
    const last = new Map<string, number>();
    const outOfOrder = rows.filter(({ key, number }) => {
      const before = last.get(key) ?? -1;
      last.set(key, number);
      return number <= before;
    });

    expect(new Set(rows.map(({ key, number }) => `${key}-${number}`)).size).toBe(total);
    expect(outcomes).toBe(total);
    expect(last.size).toBe(keys);
    expect(outOfOrder).toEqual([]);
    const handlerRuns = await countOf('started');
    const lostConnections = consumers.reduce((sum, { errors }) => sum + errors.length, 0);
    record(name, { messages: total, keys, sendAttempts: sent.attempts, outcomes, lost: total - rows.length, outOfOrder: outOfOrder.length, handlerRuns, lostConnections, ...figures });
  };

  it('the broker killed with SIGKILL, and started again, twice', async () => {
    const brokers = await start(1);
    consumers = [await startConsumer(brokers, topic, schema.url), await startConsumer(brokers, topic, schema.url)];
    let kills = 0;
    const sent = await sendFlow(brokers, topic, total, atCounts(spread(2), async () => {
      await killAndRestart(1);
      kills += 1;
    }));
    expect(kills).toBe(2);
    await expectAll('kafka: broker killed', sent, { brokers: 1, consumers: 2, brokerKills: kills });
  });

  it('a consumer killed with SIGKILL, and another one started, ten times', async () => {
    const brokers = await start(1);
    consumers = [await startConsumer(brokers, topic, schema.url), await startConsumer(brokers, topic, schema.url)];
    let kills = 0;
    const killing = atCounts(spread(10), async () => {
      await consumers.shift()?.kill();
      kills += 1;
      consumers.push(await startConsumer(brokers, topic, schema.url));
    });
    const sent = await sendFlow(brokers, topic, total, killing);
    expect(kills).toBe(10);
    await expectAll('kafka: consumer killed', sent, { brokers: 1, consumers: 2, consumerKills: kills });
  });

  it('of three brokers the leader killed with SIGKILL, and started again, twice', async () => {
    const brokers = await start(3);
    consumers = [await startConsumer(brokers, topic, schema.url), await startConsumer(brokers, topic, schema.url)];
    const leaders: number[] = [];
    const leaderNow = async (): Promise<number> => {
      const admin = new Admin({ clientId: 'faults', bootstrapBrokers: brokers });
      const metadata = await admin.metadata({ topics: [topic], forceUpdate: true });
      await admin.close();
      return metadata.topics.get(topic)?.partitions[0]?.leader ?? 1;
    };
    const killing = atCounts(spread(2), async () => {
      const leader = await leaderNow();
      leaders.push(leader);
      await killAndRestart(leader);
    });
    const sent = await sendFlow(brokers, topic, total, killing);
    expect(leaders).toHaveLength(2);
    await expectAll('kafka: leader killed', sent, { brokers: 3, minInsyncReplicas: 2, consumers: 2, leaderKills: leaders.length });
  });
});
