import { createMessenger } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { MessagingProvider, useAssembledMessage, useMessagingCapabilities } from '@fhir-messaging/react-hooks';
import { act, lazy, startTransition, StrictMode, Suspense, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { describe, expect, it } from 'vitest';
import { admit, gate, ward } from '../observers/ward.ts';
import { show } from './screen.ts';

const a = 'https://a.example.org/fhir';
const b = 'https://b.example.org/fhir';
const messenger = createMessenger({ transport: () => Promise.reject(new Error('nothing is sent here')), source: 'https://app.example.org' });

/** Reads a Patient 1 of its own name, and keeps what it was asked. */
function readerOf(family: string, baseUrl?: string): Reader & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    baseUrl,
    read: async (path) => await Promise.resolve(asked.push(path) && path === 'metadata' ? createReceiver({ source: ward }).on(admit, () => undefined).capabilityStatement() : { resourceType: 'Patient', id: '1', name: [{ family }] }),
  };
}

const shown: string[] = [];

/** Shows the name that was read, and the server that it is sent as of; `of` says under which reader it is rendered. */
function Assembled({ of = '' }: { of?: string }): ReactElement {
  const { state, reload } = useAssembledMessage(admit, 'Patient/1');
  const entry = state.kind === 'ready' ? state.value.message.graph.entries[1] : undefined;
  const text = entry?.resource?.resourceType === 'Patient' ? `${entry.resource.name?.[0]?.family} of ${entry.fullUrl}` : state.kind === 'failed' ? `failed: ${String(state.error)}` : state.kind;
  shown.push(`${of}: ${text}`);
  return <p>{text}<button onClick={reload}>Again</button></p>;
}

const page = (reader: Reader | undefined, children: ReactNode = <Assembled />): ReactElement => <StrictMode><MessagingProvider messenger={messenger} reader={reader}>{children}</MessagingProvider></StrictMode>;

describe('a reader that changes', () => {
  it("of another server: what was assembled from the first server's record is not shown for one render more, and the message is the other server's", async () => {
    shown.length = 0;
    const screen = await show(page(readerOf('Adams', a), <Assembled of="a" />));
    await screen.shows(`Adams of ${a}/Patient/1`);
    await screen.show(page(readerOf('Baker', b), <Assembled of="b" />));
    await screen.shows(`Baker of ${b}/Patient/1`);
    await screen.show(page(readerOf('Adams', a), <Assembled of="a" />));
    await screen.shows(`Adams of ${a}/Patient/1`);

    expect(shown.filter((text) => text.startsWith('a:') && text.includes('Baker'))).toEqual([]);
    expect(shown.filter((text) => text.startsWith('b:') && text.includes('Adams'))).toEqual([]);
    expect(shown).toContain('b: reading');
  });

  it('of another server: what is still on its way from the first is not shown', async () => {
    const held = gate();
    const { read } = readerOf('Adams', a);
    const slow: Reader = { baseUrl: a, read: async (...asked) => await held.opened.then(async () => await read(...asked)) };
    const screen = await show(page(slow));
    await screen.show(page(readerOf('Baker', b)));
    await screen.shows('Baker');
    await act(async () => held.open());

    expect(screen.text()).toContain(`Baker of ${b}`);
  });

  it('of the same server, as one that is made in each render: nothing is read again; what is mounted, or reloaded, later is read by the latest', async () => {
    const [first, second, third] = [readerOf('First', a), readerOf('Second', a), readerOf('Third', a)];
    const screen = await show(page(first, <Assembled key="1" />));
    await screen.shows('First');
    const read = [...first.asked];
    await screen.show(page(second, <Assembled key="1" />));
    expect(screen.text()).toContain('First');
    await screen.show(page(second, <Assembled key="2" />));
    await screen.shows('Second');
    await screen.show(page(third, <Assembled key="2" />));
    await screen.click('Again');
    await screen.shows('Third');

    expect(first.asked).toEqual(read);
  });

  it('given and mounted in one render: the mounted one reads by that reader', async () => {
    const screen = await show(page(readerOf('Expired', a), null));
    await screen.show(page(readerOf('Renewed', a)));
    await screen.shows('Renewed');
  });

  it('given later: failed without one, with what to give', async () => {
    const screen = await show(page(undefined));
    await screen.shows('failed: TypeError: Give MessagingProvider a reader.');
    await screen.show(page(readerOf('Adams')));
    await screen.shows('Adams');
  });

  it('taken away, as at a sign-out: what was read is not shown for one render more, and what begins then reads nothing', async () => {
    const first = readerOf('Adams', a);
    const screen = await show(page(first));
    await screen.shows(`Adams of ${a}`);
    const read = [...first.asked];
    await screen.show(page(undefined, <Assembled of="after" />));
    await screen.shows('failed: TypeError: Give MessagingProvider a reader.');
    await screen.show(page(undefined, <Assembled key="later screen" of="after" />));
    await screen.click('Again');
    await screen.shows('failed: TypeError: Give MessagingProvider a reader.');

    expect(shown.filter((text) => text.startsWith('after:') && text.includes('Adams'))).toEqual([]);
    expect(first.asked).toEqual(read);
  });

  it("of another user of the same server, after the first one's was taken away: what the other one reads is shown", async () => {
    const [first, second] = [readerOf('Adams', a), readerOf('Baker', a)];
    const screen = await show(page(first));
    await screen.shows(`Adams of ${a}`);
    const read = [...first.asked];
    await screen.show(page(undefined));
    await screen.show(page(second, <Assembled of="second" />));
    await screen.shows(`Baker of ${a}`);

    expect(shown.filter((text) => text.startsWith('second:') && text.includes('Adams'))).toEqual([]);
    expect([first.asked, second.asked]).toEqual([read, ['Patient/1']]);
  });

  it('under another provider of the same messenger: each shows the record of its own reader', async () => {
    const both = (first: Reader, second: Reader): ReactElement => <>{page(first)}{page(second)}</>;
    const screen = await show(both(readerOf('Adams', a), readerOf('Baker', b)));
    await screen.shows(`Adams of ${a}/Patient/1AgainBaker of ${b}/Patient/1Again`);
    await screen.show(both(readerOf('Baker', b), readerOf('Adams', a)));
    await screen.shows(`Baker of ${b}/Patient/1AgainAdams of ${a}/Patient/1Again`);
  });

  it('in a transition that waits: what is on screen stays with the reader that it is on screen with', async () => {
    const late = gate();
    const Late = lazy(async () => await late.opened.then(() => ({ default: () => null })));
    const first = readerOf('First', a);
    let become: (reader: Reader) => void = () => undefined;
    const App = (): ReactElement => {
      const [reader, setReader] = useState<Reader>(first);
      become = setReader;
      return page(reader, <Suspense fallback="waiting">{reader !== first && <Late />}<Assembled /></Suspense>);
    };
    const screen = await show(<App />);
    await screen.shows('First');
    const read = first.asked.length;
    await act(async () => startTransition(() => become(readerOf('Second', a))));
    await screen.click('Again');
    await screen.shows('First');
    expect(first.asked.length).toBeGreaterThan(read);
    await act(async () => startTransition(() => become(readerOf('Baker', b))));
    expect(screen.text()).toContain('First');
    await act(async () => late.open());
    await screen.shows(`Baker of ${b}`);
  });
});

describe('capabilities', () => {
  const Capabilities = (): string => useMessagingCapabilities().kind;

  it('are read by the latest reader, once for each server', async () => {
    const [first, second, third] = [readerOf('First', a), readerOf('Second', a), readerOf('Third', b)];
    const screen = await show(page(first, null));
    await screen.show(page(second, <Capabilities />));
    await screen.shows('ready');
    await screen.show(page(first, <Capabilities />));
    await screen.show(page(third, <Capabilities />));
    await screen.shows('ready');

    expect([first.asked, second.asked, third.asked]).toEqual([[], ['metadata'], ['metadata']]);
  });

  it('failed without a reader, and are read when there is one', async () => {
    const [first, second] = [readerOf('Adams'), readerOf('Baker')];
    const screen = await show(page(undefined, <Capabilities />));
    await screen.shows('failed');
    await screen.show(page(first, <Capabilities />));
    await screen.shows('ready');
    await screen.show(page(undefined, <Capabilities />));
    await screen.shows('failed');
    await screen.show(page(second, <Capabilities />));
    await screen.shows('ready');

    expect([first.asked, second.asked]).toEqual([['metadata'], ['metadata']]);
  });
});
