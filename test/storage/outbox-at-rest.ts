import { createMessage } from '@fhir-messaging/core';
import type { Message, OutboxStore } from '@fhir-messaging/core';
import { aesGcm } from '@fhir-messaging/outbox';
import { createReceiver, httpHandler, memoryCache } from '@fhir-messaging/receiver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admission, benchOf, idOf, serve } from '../outbox/outbox-under-test.ts';
import type { Bench } from '../outbox/outbox-under-test.ts';

/** A store with nothing in it. */
export interface StoreAtRest {
  readonly store: OutboxStore;
  /** Whether a text is anywhere in what the database has on the disk. */
  isOnDisk(text: string): boolean | Promise<boolean>;
  /** Makes a row one that cannot be read. */
  corrupt(id: string): void | Promise<void>;
  /** Makes what is due later due now. */
  makeDue(): void | Promise<void>;
  stop(): void | Promise<void>;
}

const newKey = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const messageOf = (family: string): Message => createMessage(admission(), { Patient: { resourceType: 'Patient', name: [{ family }] } }, { source: 'https://app.example.org' });

/** A receiver that answers with the patient. */
function ward(): (request: Request) => Promise<Response> {
  const receiver = createReceiver({ source: 'https://b.example.org', cache: memoryCache() }).on(admission(), ({ payload }) => ({ focus: [payload.Patient] }));
  return httpHandler(receiver);
}

/** What an outbox on a server's database keeps to itself, and what a fault in it leaves alone. */
export function outboxAtRest(name: string, open: () => StoreAtRest | Promise<StoreAtRest>): void {
  describe(`an outbox on ${name}`, () => {
    let at: StoreAtRest;
    let bench: Bench | undefined;
    /** What the message and its reply say of the patient: no other test does, in what a server keeps of all of them. */
    let planted: string;
    beforeEach(async () => {
      planted = `Miller-${crypto.randomUUID()}`;
      at = await open();
    });
    afterEach(async () => {
      await bench?.stop();
      await at.stop();
    });

    it('that is not sealed has the patient on the disk: what the next one looks for can be found', async () => {
      bench = await benchOf([serve(ward())], { store: at.store });
      await bench.outbox.enqueue(messageOf(planted));

      expect(await at.isOnDisk(planted)).toBe(true);
    });

    it('that is sealed has nothing of the patient on the disk, queued or answered', async () => {
      bench = await benchOf([serve(ward())], { store: at.store, seal: aesGcm({ keyName: 'k', keys: { k: await newKey() } }) });
      const { id } = await bench.outbox.enqueue(messageOf(planted));
      expect(await at.isOnDisk(planted)).toBe(false);
      await bench.outbox.run();

      expect((await bench.outbox.read(id))?.reply?.graph.all('Patient')).toMatchObject([{ name: [{ family: planted }] }]);
      expect(await at.isOnDisk(planted)).toBe(false);
      expect(await at.isOnDisk(id)).toBe(true);
    });

    it('with a corrupt row and a lost key says so, and sends everything else', async () => {
      const [lost, key] = [await newKey(), await newKey()];
      bench = await benchOf([serve(ward())], { store: at.store, seal: aesGcm({ keyName: 'lost', keys: { lost } }) });
      const [locked, torn, ...others] = Array.from({ length: 5 }, () => messageOf(planted));
      await bench.outbox.enqueue(locked!);
      const outbox = bench.another({ seal: aesGcm({ keyName: 'k', keys: { k: key } }) });
      for (const message of [torn!, ...others]) await outbox.enqueue(message);
      await at.corrupt(idOf(torn!));
      await outbox.run();

      const { entries, unreadable } = await outbox.list();
      expect(entries.map(({ id, state, reason }) => [id, state, reason])).toEqual([[idOf(locked!), 'waiting', 'locked'], ...others.map((message) => [idOf(message), 'replied', undefined])]);
      expect(unreadable).toEqual([idOf(torn!)]);

      expect(await outbox.remove(idOf(torn!))).toBe(true);
      await at.makeDue();
      const again = bench.another({ seal: aesGcm({ keyName: 'k', keys: { k: key, lost } }) });
      await again.run();
      expect(await bench.states(again)).toEqual(['replied', 'replied', 'replied', 'replied']);
      expect((await again.list()).unreadable).toEqual([]);
    });
  });
}
