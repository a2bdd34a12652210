import { createMessenger, createReply, defineEvent, memoryPendingStore, MessagingError, processMessageTransport, readMessage, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, Message, Messenger, ResponseCode, Transport } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createOutbox, keepSending, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { MessagingProvider, useMessageDraft, useQueuedMessages } from '@fhir-messaging/react-hooks';
import { act } from 'react';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { show } from './screen.ts';

const base = 'https://ehr.example.org/r4';
const source = 'https://app.example.org';
const revoke = defineEvent({ uri: 'https://example.org/revoke', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });

/** An app with an outbox, offline at first, and what came to the other side. */
interface App {
  readonly outbox: Outbox;
  readonly messenger: Messenger;
  readonly graph: BundleGraph;
  readonly arrived: string[];
  readonly connect: () => void;
  readonly disconnect: () => void;
}

async function appOf(codes: readonly ResponseCode[] = [], options: { readonly keeps?: boolean; readonly status?: 204; readonly transport?: Transport; readonly now?: () => number } = {}): Promise<App> {
  const arrived: string[] = [];
  const reply = (message: Message): Message => {
    arrived.push(`${message.graph.header?.eventCoding?.code} ${message.graph.all('ServiceRequest')[0]?.priority}`);
    return createReply(message, { code: codes[arrived.length - 1] ?? 'ok', source: base, identity: netsmart });
  };
  const step: Step = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { bytes } = reply(readMessage(Buffer.concat(chunks)));
      outgoing.writeHead(options.status ?? 200).end(options.status ? undefined : bytes);
    });
  };
  const server = await startServer(step);
  const messenger = createMessenger({ transport: options.transport ?? processMessageTransport({ baseUrl: server.url }), source, identity: netsmart, pending: memoryPendingStore() });
  let isOnline = false;
  const store = memoryOutboxStore(options.now);
  const outbox = createOutbox({
    store: options.keeps === false ? { ...store, add: () => Promise.reject(new MessagingError('storage.unavailable', 'The storage is full.')) } : store,
    messenger,
    account: { issuer: 'i', baseUrl: base, clientId: 'c', user: 'u' },
    atLeast: 'ephemeral',
    events: [submitServiceRequest, updateServiceRequest, revoke],
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
  const order = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', priority: 'routine', subject: { reference: 'Patient/2' } } as const;
  const { graph } = messenger.create(submitServiceRequest, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: '2' } }, { base });
  return {
    outbox,
    messenger,
    graph,
    arrived,
    connect() {
      isOnline = true;
      page.dispatchEvent(new Event('online'));
    },
    disconnect: () => void (isOnline = false),
  };
}

const prioritised = (graph: BundleGraph, priority: 'urgent' | 'stat'): BundleGraph =>
  updateEntry(graph, 'ServiceRequest/1', (order) => {
    order.priority = priority;
  });

function Referral({ graph }: { readonly graph: BundleGraph }): ReactElement {
  const { state, enqueue } = useQueuedMessages('order');
  const says = (place: number): string => {
    const { state: is, isOver, content } = state.messages?.[place] ?? {};
    return `${content?.graph.all('ServiceRequest')[0]?.priority} ${is}${isOver === true ? ', over' : ''}${content?.reply ? ', answered' : ''}`;
  };
  const urgent = prioritised(graph, 'urgent');
  return (
    <>
      <button onClick={() => void enqueue(submitServiceRequest, graph)}>Refer</button>
      <button onClick={() => void enqueue(updateServiceRequest, urgent)}>Hurry</button>
      <button onClick={() => void enqueue(updateServiceRequest, graph)}>Repeat</button>
      <p>
        {state.messages === undefined ? 'reading' : state.messages.length === 0 ? 'nothing' : state.messages.map((_, place) => says(place)).join('; ')}. {state.error?.message}
      </p>
    </>
  );
}

const shown = ({ messenger, outbox, graph }: App): ReactElement => (
  <MessagingProvider messenger={queuedMessenger(outbox, messenger)}>
    <Referral graph={graph} />
  </MessagingProvider>
);

/** The documented button: of what stands, the hook knows whether this is the first message or a further one. */
function DraftedReferral({ graph, ids, eventOf }: { readonly graph: BundleGraph; readonly ids: (string | undefined)[]; readonly eventOf: <T>(event: T) => T }): ReactElement {
  const { state, enqueue } = useQueuedMessages('order');
  const draft = useMessageDraft(graph);
  const send = (): Promise<unknown> => enqueue({ first: eventOf(submitServiceRequest), next: eventOf(updateServiceRequest) }, draft.state.graph).then((id) => ids.push(id));
  return (
    <>
      <button onClick={() => void enqueue(revoke, draft.state.graph)}>Revoke</button>
      <button onClick={() => void send()}>Send</button>
      <button onClick={() => draft.change((current) => prioritised(current, 'urgent'))}>Edit</button>
      <p>{state.messages?.map(({ state: is, isOver }) => `${is}${isOver ? ', over' : ''}`).join('; ')}.</p>
    </>
  );
}

const drafted = ({ messenger, outbox, graph }: App, ids: (string | undefined)[] = [], eventOf = <T,>(event: T): T => event): ReactElement => (
  <MessagingProvider messenger={queuedMessenger(outbox, messenger)}>
    <DraftedReferral graph={graph} ids={ids} eventOf={eventOf} />
  </MessagingProvider>
);

describe('the messages of one key in an outbox', () => {
  it('are queued one after another while offline, and go in that order, under one another’s ids', async () => {
    const app = await appOf();
    const screen = await show(shown(app));
    await screen.shows('nothing.');
    await screen.click('Refer');
    await screen.shows('routine pending.');
    await screen.click('Hurry');
    await screen.shows('routine pending; urgent pending.');
    expect(app.arrived).toEqual([]);

    app.connect();
    await screen.shows('routine replied, answered; urgent replied, answered.');
    expect(app.arrived).toEqual(['submit-service-request routine', 'update-service-request urgent']);
  });

  it('are one for presses in one turn, and for the same graph again', async () => {
    const app = await appOf();
    const screen = await show(shown(app));
    await screen.click('Refer', 5);
    await screen.shows('routine pending.');
    await screen.click('Refer');
    await screen.click('Refer');
    app.connect();

    await screen.shows('routine replied, answered.');
    expect((await app.outbox.list()).entries).toHaveLength(1);
    expect(app.arrived).toHaveLength(1);
  });

  it('are one for presses in one turn with different content: the second is told that it was not queued (entry.duplicate)', async () => {
    const app = await appOf();
    const screen = await show(shown(app));
    await screen.shows('nothing.');
    await act(async () => {
      screen.clickNow('Refer');
      screen.clickNow('Hurry');
    });

    await screen.shows('routine pending. Something was queued');
    expect((await app.outbox.list()).entries).toHaveLength(1);
  });

  it('are one for a double click on a button that sends the first or the next, whatever is shown between the clicks: each gets its id', async () => {
    const app = await appOf();
    const ids: (string | undefined)[] = [];
    const screen = await show(drafted(app, ids));
    await screen.click('Send', 2);
    await screen.shows('pending.');
    await screen.click('Send');
    app.connect();
    await screen.shows('replied.');
    await screen.click('Send');

    await expect.poll(() => ids).toHaveLength(4);
    const { entries } = await app.outbox.list();
    expect(ids).toEqual(Array(4).fill(entries[0]?.id));
    expect(app.arrived).toEqual(['submit-service-request routine']);
  });

  it('are one for a double click on that button, where each press makes its contracts anew', async () => {
    const app = await appOf();
    const screen = await show(drafted(app, [], (event) => ({ ...event })));
    await screen.click('Send', 2);
    await screen.shows('pending.');
    await screen.click('Send');
    app.connect();

    await screen.shows('replied.');
    expect(app.arrived).toEqual(['submit-service-request routine']);
  });

  it('are the next for other content on that button, and that one once as well', async () => {
    const app = await appOf();
    const screen = await show(drafted(app));
    await screen.click('Send');
    await screen.shows('pending.');
    await screen.click('Edit');
    await screen.click('Send', 2);
    await screen.shows('pending; pending.');
    await screen.click('Send');
    app.connect();

    await screen.shows('replied; replied.');
    expect(app.arrived).toEqual(['submit-service-request routine', 'update-service-request urgent']);
  });

  it('are the first again on that button, where the one before was turned down', async () => {
    const app = await appOf(['fatal-error']);
    const screen = await show(drafted(app));
    await screen.click('Send');
    app.connect();
    await screen.shows('rejected, over.');
    await screen.click('Send');

    await screen.shows('rejected, over; replied.');
    expect(app.arrived).toEqual(['submit-service-request routine', 'submit-service-request routine']);
  });

  it('are two for the same graph of two events', async () => {
    const app = await appOf();
    const screen = await show(shown(app));
    await screen.click('Refer');
    await screen.shows('routine pending.');
    await screen.click('Repeat');

    await screen.shows('routine pending; routine pending.');
  });

  it('are two for the same graph on a button that sends the first or the next, where one of a third event was queued in between', async () => {
    const app = await appOf();
    const screen = await show(drafted(app));
    await screen.click('Send');
    await screen.shows('pending.');
    await screen.click('Revoke');
    await screen.shows('pending; pending.');
    await screen.click('Send', 2);

    await screen.shows('pending; pending; pending.');
  });

  it('are two for the same graph again, where another tab queued another change in between', async () => {
    const app = await appOf();
    const [tab, other] = [await show(shown(app)), await show(shown(app))];
    await tab.click('Refer');
    await tab.shows('routine pending.');
    await tab.click('Repeat');
    await other.shows('routine pending; routine pending.');
    await other.click('Hurry');
    await tab.shows('routine pending; routine pending; urgent pending.');
    await tab.click('Repeat');

    await expect.poll(async () => (await app.outbox.list()).entries).toHaveLength(4);
    await tab.shows('routine pending; routine pending; urgent pending; routine pending.');
  });

  it('are one for presses in two tabs at once: the second is told of the first (entry.duplicate)', async () => {
    const app = await appOf();
    const tabs = [await show(shown(app)), await show(shown(app))];
    for (const tab of tabs) await tab.shows('nothing.');
    await act(async () => {
      for (const tab of tabs) tab.clickNow('Refer');
    });

    for (const tab of tabs) await tab.shows('routine pending.');
    expect((await app.outbox.list()).entries).toHaveLength(1);
    expect(tabs.filter((tab) => tab.text().includes('meanwhile'))).toHaveLength(1);
  });

  const throwing = (error: Error): never => {
    throw error;
  };
  const withoutLocks: readonly (readonly [string, object])[] = [
    ['has no locks', {}],
    ['has none that take a signal', { locks: { request: () => throwing(new TypeError('AbortSignal.timeout is not a function')) } }],
    ['refuses them', { locks: { request: () => Promise.reject(new DOMException('no storage', 'SecurityError')) } }],
  ];

  it.each(withoutLocks)('are queued where the platform %s', async (_says, navigator) => {
    const app = await appOf();
    vi.stubGlobal('navigator', navigator);
    onTestFinished(() => void vi.unstubAllGlobals());
    const screen = await show(shown(app));
    await screen.click('Refer', 2);

    await screen.shows('routine pending. ');
    expect((await app.outbox.list()).entries).toHaveLength(1);
  });

  it('are there for a page that is opened later, with what they say', async () => {
    const app = await appOf();
    const before = await show(shown(app));
    await before.click('Refer');
    await before.shows('routine pending.');
    await before.click('Hurry');
    await before.shows('urgent pending.');
    await before.leave();

    const after = await show(shown(app));
    await after.shows('routine pending; urgent pending.');
  });

  it('show a reply that comes after a status that had none', async () => {
    const app = await appOf([], { status: 204 });
    const screen = await show(shown(app));
    await screen.click('Refer');
    app.connect();
    await screen.shows('routine replied.');
    const [entry] = (await app.outbox.list()).entries;
    const { message } = (await app.outbox.read(entry?.id ?? '')) ?? {};
    if (message === undefined) throw new Error('it should be there');
    await app.outbox.accept(createReply(message, { source: base, identity: netsmart }));

    await screen.shows('routine replied, answered.');
  });

  it('make way once they were turned down: what is queued next opens a referral anew, and what followed is taken back', async () => {
    const app = await appOf(['fatal-error']);
    const screen = await show(shown(app));
    await screen.click('Refer');
    await screen.shows('routine pending.');
    await screen.click('Hurry');
    await screen.shows('urgent pending.');
    app.connect();
    await screen.shows('routine rejected, over, answered; urgent blocked, over.');
    await screen.click('Refer');

    await screen.shows('routine rejected, over, answered; routine replied, answered.');
    expect(app.arrived).toEqual(['submit-service-request routine', 'submit-service-request routine']);
  });

  it('make way to the next press at the latest, where the page was closed between the one that took their place and that', async () => {
    const transport: Transport = () => Promise.reject(new MessagingError('input.limit', 'It is too large.', { delivery: 'no' }));
    const app = await appOf([], { transport });
    const closing: typeof app.outbox = { ...app.outbox, cancel: () => new Promise(() => undefined) };
    const before = await show(shown({ ...app, outbox: closing }));
    await before.click('Refer');
    await before.shows('routine pending.');
    app.connect();
    await before.shows('routine dead, over.');
    app.disconnect();
    await before.click('Hurry');
    await expect.poll(async () => (await app.outbox.list()).entries.map(({ state }) => state)).toEqual(['dead', 'pending']);
    await before.leave();

    const after = await show(shown(app));
    await after.shows('routine dead, over; urgent pending.');
    await after.click('Repeat');
    await after.shows('urgent pending; routine pending.');
    expect((await app.outbox.list()).entries).toHaveLength(2);
  });

  it('make way, but not where somebody has what was given up tried again in that moment', async () => {
    const transport: Transport = () => Promise.reject(new MessagingError('input.limit', 'It is too large.', { delivery: 'no' }));
    let offsetMs = 0;
    const app = await appOf([], { transport, now: () => Date.now() + offsetMs });
    const retried: boolean[] = [];
    const outbox: typeof app.outbox = {
      ...app.outbox,
      async cancel(id, ...seen) {
        offsetMs += 1;
        retried.push(await app.outbox.retry(id));
        return app.outbox.cancel(id, ...seen);
      },
    };
    const screen = await show(shown({ ...app, outbox }));
    await screen.click('Refer');
    await screen.shows('routine pending.');
    app.connect();
    await screen.shows('routine dead, over.');
    app.disconnect();
    await screen.click('Refer');

    await screen.shows('routine pending; routine pending.');
    expect(retried).toEqual([true]);
  });

  it('make way also where what followed was looked at once more after its place was taken', async () => {
    let offsetMs = 0;
    const app = await appOf(['fatal-error'], { now: () => Date.now() + offsetMs });
    const outbox: typeof app.outbox = {
      ...app.outbox,
      async enqueue(...given) {
        const entry = await app.outbox.enqueue(...given);
        offsetMs += 61_000;
        await app.outbox.run();
        return entry;
      },
    };
    const screen = await show(shown({ ...app, outbox }));
    await screen.click('Refer');
    await screen.shows('routine pending.');
    await screen.click('Hurry');
    await screen.shows('urgent pending.');
    app.connect();
    await screen.shows('routine rejected, over, answered; urgent blocked, over.');
    await screen.click('Refer');

    await screen.shows('routine rejected, over, answered; routine replied, answered.');
  });

  it('are left alone by being shown, where one was given up before another was queued by the application', async () => {
    let offsetMs = 0;
    const transport: Transport = () => Promise.reject(new MessagingError('input.limit', 'It is too large.', { delivery: 'no' }));
    const app = await appOf([], { transport, now: () => Date.now() + offsetMs });
    await app.outbox.enqueue(app.messenger.create(submitServiceRequest, app.graph), { key: 'order' });
    app.connect();
    await expect.poll(async () => (await app.outbox.list()).entries.map(({ state }) => state)).toEqual(['dead']);
    offsetMs += 60_000;
    await app.outbox.enqueue(app.messenger.create(submitServiceRequest, prioritised(app.graph, 'urgent')), { key: 'order' });
    const screen = await show(shown(app));
    await screen.shows('routine dead, over; urgent pending.');
    await act(() => new Promise((resolve) => void setTimeout(resolve, 50)));

    expect((await app.outbox.list()).entries.map(({ state }) => state)).toEqual(['dead', 'pending']);
  });

  it('are read again some time after they could not be read, as long as they are shown', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const app = await appOf();
    let readings = 0;
    const outbox: typeof app.outbox = {
      ...app.outbox,
      list: () => ((readings += 1) === 1 ? Promise.reject(new MessagingError('storage.unavailable', 'The storage is away.')) : app.outbox.list()),
      subscribe: () => () => undefined,
    };
    const screen = await show(shown({ ...app, outbox }));
    await screen.shows('reading. The storage is away.');
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    await screen.shows('nothing. ');
    expect(screen.text()).not.toContain('away');
    await screen.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not read again once they are shown no longer: no timer is left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const app = await appOf();
    const list = (): Promise<never> => Promise.reject(new MessagingError('storage.unavailable', 'The storage is away.'));
    const screen = await show(shown({ ...app, outbox: { ...app.outbox, list, subscribe: (tell) => (tell(), () => undefined) } }));
    await screen.shows('reading. The storage is away.');
    expect(vi.getTimerCount()).toBe(1);
    await screen.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are left alone by being shown, where one was given up that no other took the place of', async () => {
    let sends = 0;
    const transport: Transport = () =>
      (sends += 1) === 1 ? Promise.reject(new MessagingError('input.limit', 'It is too large.', { delivery: 'no' })) : new Promise(() => undefined);
    const app = await appOf([], { transport });
    for (const graph of [app.graph, prioritised(app.graph, 'urgent')]) await app.outbox.enqueue(app.messenger.create(submitServiceRequest, graph), { key: 'order' });
    app.connect();
    await expect.poll(async () => (await app.outbox.list()).entries.map(({ state }) => state)).toEqual(['dead', 'pending']);
    const screen = await show(shown(app));
    await screen.shows('routine dead, over; urgent pending.');
    await act(() => new Promise((resolve) => void setTimeout(resolve, 300)));

    await screen.shows('routine dead, over; urgent pending.');
    expect(sends).toBe(1);
  });

  it('are shown as they are once they can be read again, and the error is gone', async () => {
    const app = await appOf();
    await app.outbox.enqueue(app.messenger.create(submitServiceRequest, app.graph), { key: 'order' });
    const away = (): Promise<never> => Promise.reject(new MessagingError('storage.unavailable', 'The storage is away.'));
    let [isAway, isLocked] = [false, true];
    const tells = new Set<() => void>();
    const outbox: typeof app.outbox = {
      ...app.outbox,
      list: () => (isAway ? away() : app.outbox.list()),
      read: (id) => (isLocked ? Promise.resolve(undefined) : app.outbox.read(id)),
      subscribe(tell) {
        tells.add(tell);
        return () => tells.delete(tell);
      },
    };
    const screen = await show(shown({ ...app, outbox }));
    await screen.shows('undefined pending.');
    const change = (): Promise<void> => act(async () => tells.forEach((tell) => tell()));
    isAway = true;
    await change();
    await screen.shows('undefined pending. The storage is away.');
    [isAway, isLocked] = [false, false];
    await change();

    await screen.shows('routine pending.');
    expect(screen.text()).not.toContain('away');
  });

  it('are not promised where they cannot be kept: storage.unavailable, and nothing was sent', async () => {
    const app = await appOf([], { keeps: false });
    const screen = await show(shown(app));
    app.connect();
    await screen.click('Refer');

    await screen.shows('nothing. The storage is full.');
    expect(app.arrived).toEqual([]);
  });

  it('need an outbox in the provider', async () => {
    const { messenger, graph } = await appOf();
    const page = (
      <MessagingProvider messenger={messenger}>
        <Referral graph={graph} />
      </MessagingProvider>
    );

    expect(() => renderToString(page)).toThrow('Give MessagingProvider a queuedMessenger');
  });
});
