import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { wait } from '../../consume/wait.ts';
import type { KafkaConsumer, KafkaStream } from '../kafka-client.ts';
import { startGeneration } from './generation.ts';

it.each(['revoke', 'finish'] as const)('%s ends a generation whose stream is only just being opened, and that stream', async (end) => {
  const stream: KafkaStream = Object(new Readable({ objectMode: true, read: () => undefined }));
  let open = (): void => undefined;
  const opened = new Promise<KafkaStream>((resolve) => (open = () => resolve(stream)));
  const consumer: KafkaConsumer = Object({ consume: () => opened, commit: () => Promise.resolve() });
  const options = { handle: () => Promise.resolve(), graceMs: 10, capacity: 4, wait, onError: () => undefined };
  const generation = startGeneration(consumer, [{ topic: 't', partition: 0, offset: 0n }], options);
  const ended = generation[end]();
  open();
  await ended;

  expect(Object(stream).destroyed).toBe(true);
});
