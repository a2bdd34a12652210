import { createMessenger, observeAssembly, observeReading } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { admit, gate, statesOf, until } from './ward.ts';

const nobody = (): void => undefined;
const settled = (state: { readonly kind: string }): boolean => state.kind !== 'reading';

describe('something that is read while somebody looks', () => {
  it('is read once for all who look, when the first one does, and kept', async () => {
    let reads = 0;
    const reading = observeReading(async () => (reads += 1));
    expect(reads).toBe(0);
    reading.subscribe(nobody);
    const states = statesOf(reading);

    expect(await until(reading, settled)).toEqual({ kind: 'ready', value: 1 });
    expect(states.map(({ kind }) => kind)).toEqual(['reading', 'ready']);
    reading.subscribe(nobody);
    expect(reads).toBe(1);
  });

  it('tells how far it is', async () => {
    const reading = observeReading<string, number>(async ({ onProgress }) => {
      await Promise.resolve();
      onProgress(1);
      onProgress(2);
      return 'done';
    });
    const states = statesOf(reading);
    await until(reading, settled);

    expect(states.map((state) => (state.kind === 'reading' ? state.progress : state.kind))).toEqual([undefined, 1, 2, 'ready']);
  });

  it('says what it failed with, and is read again when asked', async () => {
    const error = new Error('no connection');
    const answers = [Promise.reject(error), Promise.resolve('there')];
    const reading = observeReading(() => answers.shift() ?? Promise.reject(error));
    reading.subscribe(nobody);
    expect(await until(reading, settled)).toEqual({ kind: 'failed', error });
    reading.reload();

    expect(await until(reading, settled)).toEqual({ kind: 'ready', value: 'there' });
  });

  it('is aborted when nobody is left who looks, and read again by who comes then', async () => {
    const signals: AbortSignal[] = [];
    const held = gate();
    const reading = observeReading(async ({ signal }) => {
      signals.push(signal);
      await held.opened;
      return signals.length;
    });
    const leave = reading.subscribe(nobody);
    leave();
    leave();
    await Promise.resolve();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);

    reading.subscribe(nobody);
    held.open();
    expect(await until(reading, settled)).toEqual({ kind: 'ready', value: 2 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it("is not when who left comes back at once, as in React's StrictMode", async () => {
    const signals: AbortSignal[] = [];
    const reading = observeReading(async ({ signal }) => void signals.push(signal));
    reading.subscribe(nobody)();
    reading.subscribe(nobody);
    await until(reading, settled);

    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('an assembly', () => {
  it('reads by a reader that is an instance of a class, in whose methods `this` is the reader', async () => {
    class WardReader implements Reader {
      readonly #family = 'Miller';
      get baseUrl(): string {
        return 'https://ehr.example.org/r4';
      }
      read(): Promise<unknown> {
        return Promise.resolve({ resourceType: 'Patient', id: '1', name: [{ family: this.#family }] });
      }
    }
    const messenger = createMessenger({ transport: () => Promise.reject(new Error('nothing is sent')), source: 'https://app.example.org' });
    const assembly = observeAssembly(messenger, admit, 'Patient/1', new WardReader());
    assembly.subscribe(nobody);

    expect(await until(assembly, settled)).toMatchObject({ kind: 'ready', value: { message: { graph: { focus: [{ name: [{ family: 'Miller' }] }] } } } });
  });

  it('asks a function for its reader each time: reload reads with the latest', async () => {
    const messenger = createMessenger({ transport: () => Promise.reject(new Error('nothing is sent here')), source: 'https://app.example.org' });
    const readerOf = (family: string): Reader => ({ read: async () => await Promise.resolve({ resourceType: 'Patient', id: '1', name: [{ family }] }) });
    let reader = readerOf('First');
    const assembly = observeAssembly(messenger, admit, 'Patient/1', () => reader);
    const read = async (): Promise<string | undefined> => {
      const state = await until(assembly, settled);
      return state.kind === 'ready' ? state.value.message.graph.all('Patient')[0]?.name?.[0]?.family : state.kind;
    };
    assembly.subscribe(nobody);
    expect(await read()).toBe('First');
    reader = readerOf('Second');
    assembly.reload();

    expect(await read()).toBe('Second');
  });
});
