import { adoptReply, createMessage, defineEvent, graphOf, updateEntry } from '@fhir-messaging/core';
import type { Bundle as OurBundle, BundleGraph, Messenger, Reader, Transport } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import type { BotEvent, MedplumClient } from '@medplum/core';
import type { Bundle, OperationOutcome, Patient, Resource, ServiceRequest } from '@medplum/fhirtypes';
import type { MockClient } from '@medplum/mock';
import { describe, expectTypeOf, it } from 'vitest';
import { forMedplum, medplumBot, medplumReader, medplumTransport } from './index.ts';
import type { MedplumBotContext, MedplumBotEvent, MedplumClientLike } from './index.ts';

declare const medplum: MedplumClient;
declare const messenger: Messenger;

const plain = defineEvent({ uri: 'https://example.org/order', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });
const event = forMedplum(plain);

describe('the ports', () => {
  it('are met by the real client, the mock of it, and the real event', () => {
    expectTypeOf<MedplumClient>().toExtend<MedplumClientLike>();
    expectTypeOf<MockClient>().toExtend<MedplumClientLike>();
    expectTypeOf<BotEvent>().toExtend<MedplumBotEvent>();
    expectTypeOf(medplumTransport(medplum)).toExtend<Transport>();
    expectTypeOf(medplumReader(medplum)).toExtend<Reader>();
  });

  it('are not met by what is no client', () => {
    expectTypeOf<{ baseUrl: string }>().not.toExtend<MedplumClientLike>();
  });
});

describe('forMedplum', () => {
  it("takes the client's values, and gives values that the client takes, without a cast", () => {
    const send = async (): Promise<void> => {
      const order = await medplum.readResource('ServiceRequest', '1');
      const patient = await medplum.readResource('Patient', '2');
      const message = createMessage(event, { ServiceRequest: order, Patient: patient }, { source: 'https://app.example.org' });
      expectTypeOf(message.graph).toExtend<BundleGraph<Resource>>();
      expectTypeOf(message.graph.get('ServiceRequest/1')).toEqualTypeOf<ServiceRequest | undefined>();

      const reply = await messenger.send(message);
      if (reply.kind !== 'ok') return;
      const [stored] = reply.message.graph.all('Patient');
      expectTypeOf(stored).toEqualTypeOf<Patient | undefined>();
      if (stored) await medplum.updateResource(stored);

      const adopted = updateEntry(adoptReply(message, reply.message).graph, 'ServiceRequest/1', (draft) => {
        draft.priority = 'urgent';
      });
      expectTypeOf(adopted.get('ServiceRequest/1')).toEqualTypeOf<ServiceRequest | undefined>();
      expectTypeOf(message.bundle).toExtend<Bundle>();
      await medplum.createResource(message.bundle);
    };
    expectTypeOf(send).toBeFunction();
  });

  it("graphs a Bundle that the client read in its own types", () => {
    const bundle: Bundle = { resourceType: 'Bundle', type: 'message' };

    expectTypeOf(graphOf(bundle)).toExtend<BundleGraph<Resource>>();
    expectTypeOf(graphOf(bundle).bundle).toExtend<OurBundle<Resource>>();
  });

  it('keeps the contract', () => {
    const patient: Patient = { resourceType: 'Patient' };
    // @ts-expect-error a ServiceRequest is missing
    createMessage(event, { Patient: patient }, { source: 'https://app.example.org' });
  });
});

describe('medplumBot', () => {
  it("is a bot's handler", () => {
    const handler = medplumBot(
      createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://app.example.org' }).on(event, async ({ payload, context }) => {
        expectTypeOf(payload.Patient).toEqualTypeOf<Patient>();
        expectTypeOf(context.medplum).toEqualTypeOf<MedplumClient>();
        expectTypeOf(context.secrets['TOKEN']?.valueString).toEqualTypeOf<string | undefined>();
        return { focus: [await context.medplum.createResource(payload.ServiceRequest)] };
      }),
    );

    expectTypeOf(handler).toExtend<(medplum: MedplumClient, event: BotEvent) => Promise<Bundle | OperationOutcome>>();
    expectTypeOf(handler).parameter(0).toEqualTypeOf<MedplumClient>();
  });

  it('is one too where handlers ask for no context', () => {
    expectTypeOf(medplumBot(createReceiver({ source: 'https://app.example.org' }))).toExtend<(medplum: MedplumClient, event: BotEvent) => Promise<Bundle | OperationOutcome>>();
  });
});
