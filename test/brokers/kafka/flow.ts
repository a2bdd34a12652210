import { createMessage, createMessenger } from '@fhir-messaging/core';
import { kafkaTransport } from '@fhir-messaging/brokers/kafka';
import { Producer } from '@platformatic/kafka';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { admit } from '../../storage/events.ts';

/** How many keys messages have. */
export const keys = 32;

/** What was sent, and what that took. */
export interface Sent {
  readonly attempts: number;
  readonly failures: Readonly<Record<string, number>>;
}

/** Sends messages, those of a key one after the other: a key's next one when a replica in sync has the one before. */
export async function sendFlow(bootstrapBrokers: string[], topic: string, total: number, onSent: (count: number) => Promise<void>): Promise<Sent> {
  const producer = new Producer({ clientId: 'flow', bootstrapBrokers, timeout: 3000, requestTimeout: 3000, retryDelay: 200 });
  const source = 'https://app.example.org';
  let attempts = 0;
  let count = 0;
  const failures: Record<string, number> = {};
  const messenger = createMessenger({
    transport: kafkaTransport(producer, { topic, confirmTimeoutMs: 4000, orderingSecret: 'known to all senders', orderBy: ({ graph }) => graph.focus[0]?.id?.split('-')[0] }),
    source,
    retry: { maxAttempts: Number.POSITIVE_INFINITY, maxTotalMs: Number.POSITIVE_INFINITY, initialDelayMs: 50, maxDelayMs: 500, whenDeliveryUnknown: 'always' },
    observe: (event) => {
      if (event.kind === 'attempt') attempts += 1;
      if (event.kind === 'waiting') failures['waited'] = (failures['waited'] ?? 0) + 1;
    },
  });
  const sendKey = async (key: number): Promise<void> => {
    for (let number = key; number < total; number += keys) {
      const { kind } = await messenger.send(createMessage(admit, { Patient: { resourceType: 'Patient', id: `k${key}-${number}` } }, { source }));
      if (kind !== 'accepted') throw new Error(`A message came to ${kind}.`);
      count += 1;
      await onSent(count);
    }
  };
  await Promise.all(Array.from({ length: keys }, (_, key) => sendKey(key)));
  await producer.close();
  return { attempts, failures };
}

/** A consumer in a process of its own. */
export interface ConsumerProcess {
  /** What it told of connections that it lost. */
  readonly errors: string[];
  /** Ends it without a word. */
  kill(): Promise<void>;
}

/** Starts one, and waits until it has partitions. */
export async function startConsumer(bootstrapBrokers: readonly string[], topic: string, database: string): Promise<ConsumerProcess> {
  const child = fork(fileURLToPath(new URL('consumer-process.ts', import.meta.url)), [bootstrapBrokers.join(','), topic, database], {
    execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'],
  });
  const errors: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error('the consumer ended')));
    child.on('message', ({ kind, text }: { readonly kind: string; readonly text?: string }) => {
      if (kind === 'ready') resolve();
      else errors.push(text ?? '');
    });
  });
  return {
    errors,
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
