import type { TestProject } from 'vitest/node';
import { startKafka } from './kafka/kafka-cluster.ts';
import { kafkaJars } from './kafka/kafka-jars.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of a Kafka broker; empty where there is none. */
    readonly kafkaBroker: string;
  }
}

/**
 * The broker at FHIR_MESSAGING_KAFKA_BROKER (`host:port`), else a throw-away one for the whole run. Where it cannot be: a failure in CI,
 * elsewhere a loud word.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['FHIR_MESSAGING_KAFKA_BROKER'];
  if (given !== undefined) {
    project.provide('kafkaBroker', given);
    return () => Promise.resolve();
  }
  const jars = findJars();
  if (jars === undefined) {
    project.provide('kafkaBroker', '');
    return () => Promise.resolve();
  }
  const cluster = await startKafka(jars);
  project.provide('kafkaBroker', cluster.brokers[0] ?? '');
  return () => cluster.stop();
}

function findJars(): string | undefined {
  try {
    return kafkaJars();
  } catch (cause) {
    const missing = 'No Kafka that could be started: install Java 17 and Maven (Debian: apt-get install openjdk-17-jre-headless maven), or say where one runs in FHIR_MESSAGING_KAFKA_BROKER.';
    if (process.env['CI'] !== undefined) throw new Error(missing, { cause });
    console.warn(`\n*** SKIPPED: every test on Kafka. ${missing}\n`);
    return undefined;
  }
}
