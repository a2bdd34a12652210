import { createMessenger, createReply, MessagingError } from '@fhir-messaging/core';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startRecordServer } from '../assemble/record-server.ts';
import { startServer } from '../exchange/loopback.ts';
import { acceptLater, assembleOrder, editGraph, notify, transportOf } from './core-examples.ts';

const order = { resourceType: 'ServiceRequest', id: '123456', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } } as const;
const patient = { resourceType: 'Patient', id: '2' } as const;
const at = (path: string): string => `https://fhir.example.org/r4/${path}`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe("the examples of core's README", () => {
  it('are code that this test compiles and runs, to the letter', async () => {
    const [readme = '', source] = await Promise.all(['../../packages/core/README.md', './core-examples.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const shown = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code.split('\n').filter((line) => line !== '' && !line.startsWith('import')));

    expect(shown.map((lines) => lines.length)).toEqual([6, 7, 2, 3, 7]);
    for (const line of shown.flat()) {
      expect(source).toContain(line);
    }
  });

  it('edit one resource of a Bundle: the given one stays as it was, and what was not touched is the same object', () => {
    const entry = [{ fullUrl: at('ServiceRequest/123456'), resource: { ...order } }, { fullUrl: at('Patient/2'), resource: patient }];

    const { graph, status, unresolved, urgent, isShared, issues } = editGraph({ resourceType: 'Bundle', type: 'message', entry });

    expect(graph.get('ServiceRequest/123456')).toEqual(order);
    expect(urgent.get('ServiceRequest/123456')?.priority).toBe('urgent');
    expect([status, unresolved, isShared]).toEqual(['active', [], true]);
    expect(issues.map(({ rule }) => rule)).toContain('bdl-12');
  });

  it('define an event that the runtime enforces where the compiler was not asked', () => {
    const encounter = { resourceType: 'Encounter', id: '1', status: 'in-progress', class: { code: 'IMP' }, subject: { reference: 'Patient/2' } } as const;

    expect(notify(encounter, patient).event.category).toBe('notification');
    expect(() => notify(encounter, Object(undefined))).toThrow(MessagingError);
  });

  it('assemble an order from the record', async () => {
    const record = await startRecordServer();
    stops.push(() => record.stop());
    await record.add({ ...order, id: '123' }, patient);

    const { message, issues } = await assembleOrder(record.baseUrl);

    expect(message.graph.entries.map(({ fullUrl }) => fullUrl).slice(1)).toEqual([`${record.baseUrl}/ServiceRequest/123`, `${record.baseUrl}/Patient/2`]);
    expect(issues).toEqual([]);
  });

  it('move a message over a transport of one\'s own, which asks once more when all is there that it takes', async () => {
    const server = await startServer((_, outgoing) => void outgoing.writeHead(204).end());
    stops.push(() => server.stop());
    const steps: string[] = [];
    const transport = transportOf(server.url, () => Promise.resolve(void steps.push('token')).then(() => 't'));
    const messenger = createMessenger({ transport, source: 'https://app.example.org' });
    const message = notify({ resourceType: 'Encounter', status: 'planned', class: {} }, patient);

    const reply = await messenger.send(message, { onLeaving: () => void steps.push('leaving') });

    expect([reply.kind, steps, server.requests.length]).toEqual(['processed', ['token', 'leaving'], 1]);
    const stop = new AbortController();
    await expect(messenger.send(message, { signal: stop.signal, onLeaving: () => stop.abort(new Error('signed out')) })).rejects.toThrow('signed out');
    expect(server.requests).toHaveLength(1);
  });

  it('wait for a reply that comes later, and is taken once', async () => {
    const server = await startServer((_, outgoing) => void outgoing.writeHead(202).end());
    stops.push(() => server.stop());

    expect(await acceptLater(server.url, (message) => createReply(message, { source: 'https://ward.example.org' }).bytes)).toEqual(['settled', 'repeated']);
  });
});
