import { MessagingProvider, useMessageDraft, useMessagingCapabilities, useSubmitMessage } from '@fhir-messaging/react-hooks';
import { act } from 'react';
import type { ReactElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admit, admits, patient, wardThat } from '../observers/ward.ts';

const reads: string[] = [];

function Page(): ReactElement {
  const { state, submit } = useSubmitMessage(admit, { key: 'order-1' });
  const capabilities = useMessagingCapabilities();
  return <button onClick={() => void submit({ Patient: patient })}>{`${state.kind} ${capabilities.kind}`}</button>;
}

function read(reference: string): Promise<object> {
  reads.push(reference);
  return new Promise(() => undefined);
}

describe('on a server', () => {
  it('everything renders as it begins: nothing is sent, nothing is read; the browser takes over from there', async () => {
    const { messenger, arrived, stop } = await wardThat([admits]);
    onTestFinished(stop);
    const page = <MessagingProvider messenger={messenger} reader={{ read }}><Page /></MessagingProvider>;
    const html = renderToString(page);
    expect(html).toBe('<button>idle reading</button>');
    expect([...arrived, ...reads]).toEqual([]);

    const container = document.createElement('div');
    container.innerHTML = html;
    const button = container.querySelector('button');
    const root = await act(async () => hydrateRoot(container, page));
    await act(async () => button?.click());
    expect(container.querySelector('button')).toBe(button);
    expect(button?.textContent).not.toContain('idle');
    expect(reads).toEqual(['metadata']);
    await act(async () => root.unmount());
    await messenger.close();
  });

  it('a draft renders as it begins, too', async () => {
    const { messenger, stop } = await wardThat([admits]);
    onTestFinished(stop);
    const Draft = (): ReactElement => <i>{String(useMessageDraft(() => messenger.create(admit, { Patient: patient })).state.dirty)}</i>;

    expect(renderToString(<Draft />)).toBe('<i>false</i>');
  });

  it('a hook without a provider above it says so, and a provider without a messenger', () => {
    expect(() => renderToString(<Page />)).toThrow('No MessagingProvider is above.');
    expect(() => renderToString(<MessagingProvider messenger={Object(undefined).messenger}><Page /></MessagingProvider>)).toThrow('Give MessagingProvider a messenger.');
  });
});
