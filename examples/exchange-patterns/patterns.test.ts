import { memoryPendingStore, readCapabilities } from '@fhir-messaging/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLaboratory } from './laboratory.ts';
import type { Laboratory } from './laboratory.ts';
import { discharged } from './notification.ts';
import { examinations, order, orderStatus } from './order.ts';
import { resultsOf } from './query.ts';
import { listen } from './serve.ts';
import type { Served } from './serve.ts';
import { startWard } from './ward.ts';
import type { Ward } from './ward.ts';

let folder: string;
let kept: string[];
let work: ReturnType<typeof examinations>;
let wardServer: Served;
let laboratory: Laboratory;
let ward: Ward;
const pending = memoryPendingStore();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patterns-'));
  kept = [];
  work = examinations();
  wardServer = await listen();
  laboratory = await startLaboratory(join(folder, 'laboratory.db'), new Map([['ward', wardServer.origin]]), work, kept);
  ward = startWard(wardServer, laboratory.baseUrl, pending);
});

afterEach(async () => {
  work.finish();
  await ward.stop();
  await laboratory.stop();
  await wardServer.stop();
  rmSync(folder, { recursive: true });
});

const anOrder = () => ward.messenger.create(order, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { text: 'Blood count' }, subject: { display: 'Jo' } } });

describe('exchanging-messaging.html, on the receiving side', () => {
  it('query, synchronous: Parameters ask, a searchset in focus answers', async () => {
    const question = ward.messenger.create(resultsOf, { Parameters: { resourceType: 'Parameters', parameter: [{ name: 'patient', valueString: '7' }] } });
    const reply = await ward.messenger.send(question);

    expect(reply.kind === 'ok' && reply.message.graph.focus).toMatchObject([
      { resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource: { resourceType: 'Observation', subject: { reference: 'Patient/7' } } }] },
    ]);
  });

  it('notification: kept, and acknowledged by a status', async () => {
    const reply = await ward.messenger.send(ward.messenger.create(discharged, { Patient: { resourceType: 'Patient', id: '7' } }));

    expect([reply.kind, reply.http?.status, kept]).toEqual(['processed', 204, ['7']]);
  });

  it('asynchronous: accepted, its status told meanwhile, answered later by a message that quotes it', async () => {
    const message = anOrder();
    const accepted = await ward.messenger.send(message, { async: true });
    expect([accepted.kind, accepted.http?.status]).toEqual(['accepted', 200]);

    const statusOf = async (): Promise<unknown> => {
      const id = message.identity.message ?? '';
      const question = ward.messenger.create(orderStatus, { Parameters: { resourceType: 'Parameters', parameter: [{ name: 'order', valueString: id }] } });
      const reply = await ward.messenger.send(question);
      const [answer] = reply.kind === 'ok' ? reply.message.graph.focus : [];
      return answer?.resourceType === 'Parameters' ? answer.parameter?.[0]?.valueCode : reply;
    };
    expect(await statusOf()).toBe('in-progress');
    work.finish();
    const reply = await (accepted.kind === 'accepted' ? accepted.later : undefined);

    expect(reply).toMatchObject({ kind: 'ok', matched: 'MessageHeader.id', message: { graph: { focus: [{ resourceType: 'DiagnosticReport', code: { text: 'Blood count' } }] } } });
    expect(await statusOf()).toBe('unknown');
  });

  it('asynchronous, and the ward is restarted in between: its new messenger settles the request', async () => {
    const message = anOrder();
    expect((await ward.messenger.send(message, { async: true })).kind).toBe('accepted');
    await ward.stop();
    ward = startWard(wardServer, laboratory.baseUrl, pending);
    work.finish();
    await laboratory.receiver.close();

    expect(await pending.find(message.identity.message ?? '')).toMatchObject([{ replies: [expect.anything()] }]);
  });

  it("what the laboratory tells of itself is what the ward's messenger counts on", () => {
    const { endpoints, peer, processMessage, events } = readCapabilities(laboratory.receiver.capabilityStatement());

    expect([endpoints, processMessage, peer.reliableCacheMinutes, events.length]).toEqual([[laboratory.baseUrl], true, 1440, 4]);
  });
});
