import { createMessenger, fetchReader } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { MessagingProvider, useMessagingCapabilities } from '@fhir-messaging/react-hooks';
import { StrictMode } from 'react';
import type { ReactElement } from 'react';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answer, startServer } from '../exchange/loopback.ts';
import { admit, ward } from '../observers/ward.ts';
import { show } from './screen.ts';

const messenger = createMessenger({ transport: () => Promise.reject(new Error('nothing is sent here')) });

function Capabilities(): ReactElement {
  const state = useMessagingCapabilities();
  return <i>{state.kind === 'ready' ? `${String(state.value.processMessage)} ${state.value.events.map(({ event }) => event?.coding?.code).join()}` : state.kind}</i>;
}

describe('useMessagingCapabilities', () => {
  it("reads the server's CapabilityStatement once, for all components, in StrictMode too", async () => {
    const receiver = createReceiver({ source: ward }).on(admit, () => undefined);
    const server = await startServer(answer(200, JSON.stringify(receiver.capabilityStatement())));
    onTestFinished(() => server.stop());
    const page = <StrictMode><MessagingProvider messenger={messenger} reader={fetchReader({ baseUrl: server.url })}><Capabilities /><Capabilities /></MessagingProvider></StrictMode>;
    const screen = await show(page);
    expect(screen.text()).toBe('readingreading');
    await screen.shows('true admittrue admit');

    expect(server.requests.map(({ url }) => url)).toEqual(['/r4/metadata']);
  });

  it('is aborted when nobody is left who shows it', async () => {
    const signals: AbortSignal[] = [];
    const read: Reader['read'] = (_, { signal }) => {
      if (signal) signals.push(signal);
      return new Promise(() => undefined);
    };
    const screen = await show(<MessagingProvider messenger={messenger} reader={{ read }}><Capabilities /></MessagingProvider>);
    await screen.leave();

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it.each([undefined, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] }])('fails where the reader resolves with no CapabilityStatement: %j', async (came) => {
    const screen = await show(<MessagingProvider messenger={messenger} reader={{ read: () => Promise.resolve(came) }}><Capabilities /></MessagingProvider>);
    await screen.shows('failed');
  });

  it('fails where the provider was not told how to read it', async () => {
    const screen = await show(<MessagingProvider messenger={messenger}><Capabilities /></MessagingProvider>);

    expect(screen.text()).toBe('failed');
  });
});
