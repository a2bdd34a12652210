import { createMessenger, fetchReader } from '@fhir-messaging/core';
import type { Message, ProgressEvent } from '@fhir-messaging/core';
import { MessagingProvider, useAssembledMessage, useMessageDraft } from '@fhir-messaging/react-hooks';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { StrictMode } from 'react';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRecordServer } from '../assemble/record-server.ts';
import { order, recordOf } from '../assemble/record.ts';
import { gate } from '../observers/ward.ts';
import { show } from './screen.ts';

const sent: ProgressEvent[] = [];
const messenger = createMessenger({ transport: () => Promise.reject(new Error('nothing is sent here')), source: 'https://app.example.org', observe: (event) => sent.push(event) });

function Referral({ focus }: { focus: string }): ReactElement {
  const { state, reload } = useAssembledMessage(submitServiceRequest, focus);
  switch (state.kind) {
    case 'reading':
      return <>{`reading, ${state.progress?.read ?? 0} read`}</>;
    case 'ready':
      return <Draft initial={state.value.message} key={focus} />;
    case 'failed':
      return <>failed<button onClick={reload}>Again</button></>;
  }
}

function Draft({ initial }: { initial: Message<typeof submitServiceRequest> }): ReactElement {
  const { state } = useMessageDraft(initial);
  return <>{`${state.graph.size} entries, focus ${String(state.graph.get('ServiceRequest/123')?.id)}, ${state.issues.filter(({ severity }) => severity !== 'information').length} issues`}</>;
}

async function record() {
  const server = await startRecordServer();
  onTestFinished(() => server.stop());
  await server.add(...recordOf(3));
  return server;
}

describe('useAssembledMessage', () => {
  it('reads the record once, in StrictMode too, and gives a message to draft', async () => {
    const server = await record();
    const screen = await show(<StrictMode><MessagingProvider messenger={messenger} reader={fetchReader(server)}><Referral focus="ServiceRequest/123" /></MessagingProvider></StrictMode>);
    await screen.shows('10 entries, focus 123, 0 issues');

    expect(server.requests).toEqual(['POST ', 'POST ', 'POST ']);
    expect(sent).toEqual([]);
  });

  it('shows how far it is', async () => {
    const server = await record();
    const { read, baseUrl } = fetchReader(server);
    const held = gate();
    const reader = {
      baseUrl,
      read: async (...asked: Parameters<typeof read>) => {
        if (asked[0] !== 'ServiceRequest/123') await held.opened;
        return await read(...asked);
      },
    };
    const screen = await show(<MessagingProvider messenger={messenger} reader={reader}><Referral focus="ServiceRequest/123" /></MessagingProvider>);
    await screen.shows('reading, 1 read');
    held.open();
    await screen.shows('entries, focus 123');
  });

  it('stops reading when the component leaves', async () => {
    const signals: AbortSignal[] = [];
    const read = (_: string, { signal }: { readonly signal?: AbortSignal | undefined }): Promise<unknown> => {
      if (signal) signals.push(signal);
      return new Promise(() => undefined);
    };
    const screen = await show(<MessagingProvider messenger={messenger} reader={{ read }}><Referral focus="ServiceRequest/123" /></MessagingProvider>);
    await screen.leave();

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('begins anew with another focus', async () => {
    const server = await record();
    await server.add(order({ id: '124' }));
    const page = (focus: string): ReactElement => <MessagingProvider messenger={messenger} reader={reader}><Referral focus={focus} /></MessagingProvider>;
    const reader = fetchReader(server);
    const screen = await show(page('ServiceRequest/123'));
    await screen.shows('focus 123');
    await screen.show(page('ServiceRequest/124'));
    await screen.shows('focus undefined');
  });

  it('fails with what the read failed with, and tries again when asked', async () => {
    const server = await record();
    server.refuse = () => 500;
    const screen = await show(<MessagingProvider messenger={messenger} reader={fetchReader(server)}><Referral focus="ServiceRequest/123" /></MessagingProvider>);
    await screen.shows('failed');
    server.refuse = () => undefined;
    await screen.click('Again');
    await screen.shows('focus 123');
  });

  it('on a server it renders as reading, and reads nothing', async () => {
    const server = await record();

    expect(renderToString(<MessagingProvider messenger={messenger} reader={fetchReader(server)}><Referral focus="ServiceRequest/123" /></MessagingProvider>)).toBe('reading, 0 read');
    expect(server.requests).toEqual([]);
  });
});
