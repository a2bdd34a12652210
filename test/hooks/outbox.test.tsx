import { createMessenger, createReply, newFullUrl, processMessageTransport, readMessage, toIssues } from '@fhir-messaging/core';
import type { Messenger, OutboxStore, ReplyMessage } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest } from '@fhir-messaging/netsmart';
import { createOutbox, keepSending, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { MessagingProvider, useOutbox, useQueuedMessages, useSubmitMessage } from '@fhir-messaging/react-hooks';
import type { ServiceRequest } from 'fhir/r4';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { show } from './screen.ts';
import type { Screen } from './screen.ts';

const order: ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } };
const fullUrl = newFullUrl();

const accepts: Step = (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => outgoing.writeHead(200).end(createReply(readMessage(Buffer.concat(chunks)), { source: 'https://b.example.org', identity: netsmart }).bytes));
};
const resets: Step = (incoming) => void incoming.resume().on('end', () => incoming.socket.resetAndDestroy());

interface App {
  readonly outbox: Outbox;
  readonly messenger: Messenger;
  readonly connect: () => void;
  readonly requests: () => number;
}

/** An app with an outbox, offline at first. */
async function appOf(...steps: Step[]): Promise<App> {
  const server = await startServer(...steps);
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source: 'https://app.example.org', identity: netsmart, retry: { maxAttempts: 1 } });
  let isOnline = false;
  const outbox = createOutbox({
    store: memoryOutboxStore(),
    messenger,
    account: { issuer: 'i', baseUrl: server.url, clientId: 'c', user: 'u' },
    atLeast: 'ephemeral',
    events: [submitServiceRequest],
    identity: netsmart,
    isOnline: () => isOnline,
  });
  const page = new EventTarget();
  const stop = keepSending(outbox, { targets: [page], startInterval: () => () => undefined });
  onTestFinished(async () => {
    stop();
    await outbox.close();
    await server.stop();
  });
  return {
    outbox,
    messenger: queuedMessenger(outbox, messenger),
    requests: () => server.requests.length,
    connect() {
      isOnline = true;
      page.dispatchEvent(new Event('online'));
    },
  };
}

function Refer({ unsettled }: { readonly unsettled?: ReplyMessage | undefined }): ReactElement {
  const { state, submit, resend } = useSubmitMessage(submitServiceRequest, { key: 'order', unsettled });
  const outbox = useOutbox();
  const view = outbox.state;
  return (
    <>
      <button onClick={() => void submit({ ServiceRequest: { fullUrl, resource: order }, Patient: { resourceType: 'Patient', id: '2' } })}>Refer</button>
      <button onClick={() => void resend()}>Again</button>
      <p>
        message {state.kind}
        {state.kind === 'failed' ? ` ${state.delivery}` : ''}; queue {view.entries.map((entry) => entry.state).join()}
      </p>
      {view.entries.map(({ id }) => (
        <button key={id} onClick={() => void outbox.decide(id, 'processed')}>
          It arrived
        </button>
      ))}
    </>
  );
}

const shown = ({ messenger }: App, unsettled?: ReplyMessage): ReactElement => (
  <MessagingProvider messenger={messenger}>
    <Refer unsettled={unsettled} />
  </MessagingProvider>
);

describe('a form over an outbox', () => {
  it('queues while offline, however often it is pressed, and is done when it could be sent: one referral', async () => {
    const app = await appOf(accepts);
    const screen = await show(shown(app));
    await screen.click('Refer', 2);
    await screen.shows('message sending; queue pending');
    expect(app.requests()).toBe(0);

    app.connect();
    await screen.shows('message done; queue replied');
    expect(app.requests()).toBe(1);
  });

  it('says that nobody can tell, and sends the very same again when a person wants that', async () => {
    const app = await appOf(resets, accepts);
    const screen = await show(shown(app));
    app.connect();
    await screen.click('Refer');
    await screen.shows('message failed unknown; queue uncertain');
    await screen.click('Again');

    await screen.shows('message done; queue replied');
    expect(app.requests()).toBe(2);
  });

  it('opened again while its message waits: given back, a press for the same content is a press for that one, and one referral goes', async () => {
    const app = await appOf(accepts);
    const before = await show(shown(app));
    await before.click('Refer');
    await before.shows('queue pending');
    await before.leave();
    const { entries } = await app.outbox.list();
    const screen = await show(shown(app, (await app.outbox.read(entries[0]!.id))!.message));
    await screen.click('Refer');
    await screen.shows('message sending; queue pending');
    app.connect();

    await screen.shows('message done; queue replied');
    expect(app.requests()).toBe(1);
  });

  it('shows what a person decides', async () => {
    const app = await appOf(resets);
    const screen = await show(shown(app));
    app.connect();
    await screen.click('Refer');
    await screen.shows('queue uncertain');
    await screen.click('It arrived');

    await screen.shows('queue replied');
    expect(app.requests()).toBe(1);
  });
});

describe('useOutbox(outbox)', () => {
  function Queue({ outbox }: { readonly outbox: Outbox }): ReactElement {
    const [own, given] = [useOutbox(), useOutbox(outbox)];
    return (
      <>
        <button onClick={() => void given.list().then(({ entries }) => given.cancel(entries[0]!.id))}>Cancel</button>
        <p>
          {own.state.entries.length} here, {given.state.entries.length} there
        </p>
      </>
    );
  }

  it('shows that outbox, with its own actions, beside the one of the provider', async () => {
    const [here, there] = [await appOf(), await appOf()];
    const { messenger } = here;
    const referral = there.messenger.create(submitServiceRequest, { ServiceRequest: { fullUrl, resource: order }, Patient: { resourceType: 'Patient', id: '2' } });
    const screen = await show(
      <MessagingProvider messenger={messenger}>
        <Queue outbox={there.outbox} />
      </MessagingProvider>,
    );
    await screen.shows('0 here, 0 there');
    await there.outbox.enqueue(referral);
    await screen.shows('0 here, 1 there');
    await screen.click('Cancel');

    await screen.shows('0 here, 0 there');
    expect(there.requests()).toBe(0);
  });

  it('shows of each entry which event it is, and whether somebody works on it, also without a given outbox', async () => {
    const app = await appOf();
    const Rows = (): string => useOutbox().state.entries.map(({ event, isLeased }) => `${event?.coding?.code}, ${isLeased ? 'at work' : 'at rest'}`).join();
    const screen = await show(
      <MessagingProvider messenger={app.messenger}>
        <Rows />
      </MessagingProvider>,
    );
    await app.outbox.enqueue(app.messenger.create(submitServiceRequest, { ServiceRequest: { fullUrl, resource: order }, Patient: { resourceType: 'Patient', id: '2' } }));

    await screen.shows('submit-service-request, at rest');
  });

  it('needs no provider; without an outbox it does', async () => {
    const { outbox } = await appOf();
    const Given = (): string => `${useOutbox(outbox).state.entries.length} given`;
    const Own = (): string => `${useOutbox().state.entries.length} own`;
    const screen = await show(<Given />);
    await screen.shows('0 given');

    expect(() => renderToString(<Own />)).toThrow('Give MessagingProvider a queuedMessenger.');
  });
});

describe('two tabs over one store', () => {
  function Referral({ messenger }: { readonly messenger: Messenger }): ReactElement {
    const { state, enqueue } = useQueuedMessages('order');
    const patient = { resourceType: 'Patient', id: '2' } as const;
    const { graph } = useState(() => messenger.create(submitServiceRequest, { ServiceRequest: { fullUrl, resource: order }, Patient: patient }))[0];
    return (
      <>
        <button onClick={() => void enqueue(submitServiceRequest, graph)}>Refer</button>
        <p>
          {state.messages?.length ?? 'reading'} queued{state.error && `: ${toIssues(state.error)[0]?.rule}`}
        </p>
      </>
    );
  }

  it('a press in one that has not heard of what the other queued makes no second referral: it is shown the first', async () => {
    const store = memoryOutboxStore();
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: 'http://127.0.0.1:1' }), source: 'https://app.example.org', identity: netsmart });
    const tab = async (own: OutboxStore): Promise<{ outbox: Outbox; screen: Screen }> => {
      const outbox = createOutbox({ store: own, messenger, account: { issuer: 'i', baseUrl: 'b', clientId: 'c', user: 'u' }, atLeast: 'ephemeral', events: [submitServiceRequest], identity: netsmart });
      onTestFinished(() => outbox.close());
      return { outbox, screen: await show(<MessagingProvider messenger={queuedMessenger(outbox, messenger)}><Referral messenger={messenger} /></MessagingProvider>) };
    };
    const [one, frozen] = [await tab(store), await tab({ ...store, subscribe: () => () => undefined })];
    await one.screen.shows('0 queued');
    await frozen.screen.shows('0 queued');
    await one.screen.click('Refer');
    await one.screen.shows('1 queued');
    await frozen.screen.click('Refer');

    await frozen.screen.shows('1 queued: entry.duplicate');
    expect((await one.outbox.list()).entries).toHaveLength(1);
  });
});
