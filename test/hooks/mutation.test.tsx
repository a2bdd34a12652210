import { createMessenger, createReply } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import { messageMutation } from '@fhir-messaging/react-hooks';
import { QueryClient, QueryClientProvider, useMutation } from '@tanstack/react-query';
import type { Message, PayloadOf, Reply, Transport } from '@fhir-messaging/core';
import { act } from 'react';
import type { ReactElement } from 'react';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admit, admits, patient, says, status, vanishes, ward, wardThat } from '../observers/ward.ts';
import type { Answer } from '../observers/ward.ts';
import { show } from './screen.ts';

const payload = { Patient: patient };
const other = { Patient: { ...patient, active: true } };

async function started(...answers: Answer[]) {
  const server = await wardThat(answers);
  onTestFinished(server.stop);
  // As with useMutation, the options are made anew in every render.
  return { ...server, mutate: async (content: PayloadOf<typeof admit>) => await messageMutation(server.messenger, admit).mutationFn(content) };
}

const idsIn = (texts: readonly string[]): ReadonlySet<string> => new Set(texts.map((text) => (JSON.parse(text) as { id: string }).id));

describe('messageMutation', () => {
  it("is options for TanStack Query's useMutation, whose own retry is off", async () => {
    const { messenger, arrived } = await started(status(503));
    let mutate: ((content: PayloadOf<typeof admit>) => Promise<Reply>) | undefined;
    function Admission(): ReactElement {
      const mutation = useMutation(messageMutation(messenger, admit));
      mutate = mutation.mutateAsync;
      return <i>{mutation.status}</i>;
    }
    const client = new QueryClient({ defaultOptions: { mutations: { retry: 3, retryDelay: 0 } } });
    const screen = await show(<QueryClientProvider client={client}><Admission /></QueryClientProvider>);
    const failed = await act(async () => await mutate?.(payload).catch((error: unknown) => error));
    await screen.shows('error');

    expect(failed).toMatchObject({ code: 'transport.status', delivery: 'no' });
    expect(arrived).toHaveLength(1);
    client.clear();
  });

  it('resolves with the reply', async () => {
    const { mutate } = await started(admits, says('fatal-error'));

    expect(await mutate(payload)).toMatchObject({ kind: 'ok' });
    expect(await mutate(payload)).toMatchObject({ kind: 'fatal-error' });
  });

  it('twice at once with the same content is one request', async () => {
    const { mutate, arrived } = await started(admits);
    const [one, two] = await Promise.all([mutate(payload), mutate({ ...payload })]);

    expect(two).toBe(one);
    expect(arrived).toHaveLength(1);
  });

  it('again after a failure it is the same message, until that is answered', async () => {
    const { mutate, arrived } = await started(vanishes, status(401), says('transient-error'), admits);
    await expect(mutate(payload)).rejects.toMatchObject({ delivery: 'unknown' });
    for (const kind of ['refused', 'transient-error', 'ok']) expect(await mutate({ ...payload })).toMatchObject({ kind });
    expect(new Set(arrived).size).toBe(1);
    await mutate(payload);
    expect(idsIn(arrived).size).toBe(2);
  });

  it('refused, says whether an earlier mutation of the same message may have arrived', async () => {
    const { mutate } = await started(vanishes, status(422), status(422));
    await expect(mutate(payload)).rejects.toMatchObject({ delivery: 'unknown' });

    expect(await mutate(payload)).toMatchObject({ kind: 'refused', mayHaveArrived: true });
    expect(await mutate(other)).toMatchObject({ kind: 'refused', mayHaveArrived: false });
  });

  it("rejects with a programmer's mistake each time, not only the first", async () => {
    const { mutationFn } = messageMutation(createMessenger({ transport: () => Promise.reject(new Error()) }), admit);

    await expect(mutationFn(payload)).rejects.toThrow('messenger.create: a source is missing');
    await expect(mutationFn(payload)).rejects.toThrow('messenger.create: a source is missing');
  });

  it('other content is another message', async () => {
    const { mutate, arrived } = await started(vanishes, admits);
    await expect(mutate(payload)).rejects.toThrow();
    await mutate(other);

    expect(idsIn(arrived).size).toBe(2);
  });

  it('rejects with what keeps content from being a message; nothing is sent', async () => {
    const { mutate, arrived } = await started(admits);

    await expect(mutate({ Patient: { ...patient, managingOrganization: { reference: '#nobody' } } })).rejects.toMatchObject({ code: 'message.invalid' });
    expect(arrived).toEqual([]);
  });

  it('again after a peer pinned a transient-error to the message it is the same message, which gets that answer', async () => {
    const sent = new Set<Message>();
    let first: Uint8Array | undefined;
    const transport: Transport = ({ message }) => {
      sent.add(message);
      first ??= createReply(message, { source: ward, code: 'transient-error' }).bytes;
      return Promise.resolve({ status: 200, body: first });
    };
    const { mutationFn } = messageMutation(createMessenger({ transport, source: ward, sleep: () => Promise.resolve() }), admit);
    for (let nth = 0; nth < 3; nth += 1) expect(await mutationFn(payload)).toMatchObject({ kind: 'transient-error', pinned: true });

    expect(sent.size).toBe(1);
  });
});

describe('messageMutation over a queued messenger', () => {
  /** Mutates once, which the server turns down. */
  const turnedDown = async (...answers: Answer[]) => {
    const { messenger, arrived, stop } = await wardThat(answers);
    const outbox = createOutbox({ store: memoryOutboxStore(), messenger, account: { issuer: 'i', baseUrl: 'b', clientId: 'c', user: 'u' }, atLeast: 'ephemeral' });
    outbox.onDue(() => void outbox.run());
    onTestFinished(async () => {
      await outbox.close();
      await stop();
    });
    const mutation = messageMutation(queuedMessenger(outbox, messenger), admit);
    return { outbox, arrived, mutate: mutation.mutationFn };
  };

  it.each([['refused', status(422)], ['fatal-error', says('fatal-error')]] as const)('gives the answer to the message that a person had tried again since, instead of making a second one: %s', async (kind, answer) => {
    const { outbox, arrived, mutate } = await turnedDown(answer, admits);
    expect(await mutate(payload)).toMatchObject({ kind });
    const [entry] = (await outbox.list()).entries;
    await outbox.retry(entry?.id ?? '');
    await outbox.run();

    expect(await mutate({ ...payload })).toMatchObject({ kind: 'ok' });
    expect(idsIn(arrived).size).toBe(1);
  });

  it('makes a new message where that one came to nothing and stayed so, and once it was answered', async () => {
    const { arrived, mutate } = await turnedDown(status(422), says('fatal-error'), admits, admits);
    for (const kind of ['refused', 'fatal-error', 'ok', 'ok']) expect(await mutate(payload)).toMatchObject({ kind });

    expect(idsIn(arrived).size).toBe(4);
  });
});
