import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { wait } from '../../consume/wait.ts';
import type { KafkaConsumer, KafkaPosition, KafkaRecord, KafkaStream } from '../kafka-client.ts';
import { startGeneration } from './generation.ts';
import type { HandleRecord } from './lane.ts';

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

it('a handler that never ends holds up its own partition, and no other; what there was no room for is read again when it does', async () => {
  const at = (partition: number, offset: bigint): KafkaRecord => ({ topic: 't', partition, offset, headers: new Map() });
  const records = [...Array.from({ length: 12 }, (_, index) => at(0, BigInt(index))), ...Array.from({ length: 3 }, (_, index) => at(1, BigInt(index)))];
  const open = async ({ offsets }: { offsets: KafkaPosition[] }): Promise<KafkaStream> => {
    const fetched = records.filter(({ partition, offset }) => offsets.some((from) => from.partition === partition && from.offset <= offset));
    return Object(new Readable({ objectMode: true, read(): void {
      const next = fetched.shift();
      if (next !== undefined) this.push(next);
    } }));
  };
  const consumer: KafkaConsumer = Object({ consume: open, commit: () => Promise.resolve() });
  const handled: string[] = [];
  let go = (): void => undefined;
  const hung = new Promise<void>((resolve) => (go = resolve));
  const handle = async ({ partition, offset }: KafkaRecord): Promise<void> => {
    if (partition === 0) await hung;
    handled.push(`${partition}/${offset}`);
  };
  const passing = (delayMs: number, signal: AbortSignal): Promise<void> => (delayMs === 10_000 ? Promise.resolve() : wait(delayMs, signal));
  const positions = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0n }));
  const generation = startGeneration(consumer, positions, { handle, graceMs: 10, capacity: 2, wait: passing, onError: (error) => expect.unreachable(String(error)) });

  await expect.poll(() => handled).toEqual(['1/0', '1/1', '1/2']);
  go();
  await expect.poll(() => handled.slice(3)).toEqual(Array.from({ length: 12 }, (_, index) => `0/${index}`));
  await generation.finish();
});

it.each(['revoke', 'finish'] as const)('%s ends at once what waits for its next attempt, on which no handler runs; it is not committed', async (end) => {
  const records: KafkaRecord[] = [{ topic: 't', partition: 0, offset: 0n, headers: new Map() }];
  const stream: KafkaStream = Object(new Readable({ objectMode: true, read(): void {
    const next = records.shift();
    if (next !== undefined) this.push(next);
  } }));
  const commits: unknown[] = [];
  const consumer: KafkaConsumer = Object({ consume: () => Promise.resolve(stream), commit: (options: unknown) => Promise.resolve(void commits.push(options)) });
  let attempts = 0;
  const handle: HandleRecord = async (_, { hold }) => {
    attempts += 1;
    await hold(60_000);
  };
  const generation = startGeneration(consumer, [{ topic: 't', partition: 0, offset: 0n }], { handle, graceMs: 4000, capacity: 4, wait, onError: (error) => expect.unreachable(String(error)) });
  await expect.poll(() => attempts).toBe(1);
  const start = performance.now();
  await generation[end]();

  expect(performance.now() - start).toBeLessThan(3000);
  expect([attempts, commits]).toEqual([1, []]);
});
