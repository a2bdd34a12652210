import { createMessenger, createReply, readMessage } from '@fhir-messaging/core';
import type { Outgoing, ProgressEvent, Receipt } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { messageOf, messengerTo, source } from './loopback.ts';

/** A transport whose answers come when the test says so. */
function held() {
  const sent: Outgoing[] = [];
  const answers: (() => void)[] = [];
  const transport = (outgoing: Outgoing): Promise<Receipt> => {
    sent.push(outgoing);
    return new Promise((resolve, reject) => {
      answers.push(() => resolve({ status: 200, body: createReply(outgoing.message, { source }).bytes }));
      outgoing.signal.addEventListener('abort', () => reject(outgoing.signal.reason as Error));
    });
  };
  const answer = (): void => answers.forEach((give) => give());
  return { ...messengerTo('', { transport }), sent, answer };
}

/** A promise for the first event of a kind, and what to give to a send for it. */
function first(kind: ProgressEvent['kind']): { seen: Promise<ProgressEvent>; onProgress: (event: ProgressEvent) => void } {
  let onProgress: (event: ProgressEvent) => void = () => undefined;
  const seen = new Promise<ProgressEvent>((resolve) => (onProgress = (event) => event.kind === kind && resolve(event)));
  return { seen, onProgress };
}

const reason = { why: 'the user left' };

describe('the same message, sent twice at once in one process, is one send', () => {
  it('both callers get its one reply', async () => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    const { seen, onProgress } = first('attempt');
    const sends = [messenger.send(message), messenger.send(message, { onProgress })];
    await seen;
    answer();
    const [one, two] = await Promise.all(sends);

    expect(sent).toHaveLength(1);
    expect(two).toBe(one);
  });

  it('read again from its bytes, it is the same message', async () => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    const { seen, onProgress } = first('attempt');
    const sends = [messenger.send(message, { onProgress }), messenger.send(readMessage(message.bytes))];
    await seen;
    answer();
    await Promise.all(sends);

    expect(sent).toHaveLength(1);
  });

  it('without any id, it is the same by its bytes', async () => {
    const { bundle } = messageOf();
    const [header, ...rest] = bundle.entry ?? [];
    const nameless = JSON.stringify({ ...bundle, id: undefined, entry: [{ fullUrl: 'https://app.example.org/fhir/MessageHeader/1', resource: { ...header?.resource, id: undefined } }, ...rest] });
    const transport = vi.fn(() => Promise.resolve({ status: 204, body: undefined }));
    const messenger = createMessenger({ transport });
    await Promise.all([messenger.send(readMessage(nameless)), messenger.send(readMessage(nameless))]);

    expect(transport).toHaveBeenCalledOnce();
  });

  it('under the same ids, but with other content, it is none', async () => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    const changed = readMessage(new TextDecoder().decode(message.bytes).replace('Miller', 'Millar'));
    const events = [first('attempt'), first('attempt')] as const;
    const sends = [messenger.send(message, events[0]), messenger.send(changed, events[1])];
    await Promise.all(events.map(({ seen }) => seen));
    answer();
    await Promise.all(sends);

    expect(sent).toHaveLength(2);
  });

  it('one after the other, it is two', async () => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    for (const { seen, onProgress } of [first('attempt'), first('attempt')]) {
      const sending = messenger.send(message, { onProgress });
      await seen;
      answer();
      await sending;
    }

    expect(sent).toHaveLength(2);
  });

  it.each([[0, 1], [1, 0]] as const)('the one who leaves (%s of the two) is told, and the send goes on for the other', async (leaving, staying) => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    const controller = new AbortController();
    const told: ProgressEvent[] = [];
    const { seen, onProgress } = first('attempt');
    const options = { signal: controller.signal, onProgress: (event: ProgressEvent) => void told.push(event) };
    const sends = leaving === 0 ? [messenger.send(message, options), messenger.send(message, { onProgress })] : [messenger.send(message, { onProgress }), messenger.send(message, options)];
    await seen;
    controller.abort(reason);

    await expect(sends[leaving]).rejects.toBe(reason);
    expect(told.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true });
    expect(sent[0]?.signal.aborted).toBe(false);
    answer();
    expect((await sends[staying])?.kind).toBe('ok');
    expect(sent).toHaveLength(1);
  });

  it('when all have left, the send is aborted, and a later one begins anew', async () => {
    const { messenger, sent, answer } = held();
    const message = messageOf();
    const [a, b] = [new AbortController(), new AbortController()];
    const { seen, onProgress } = first('attempt');
    const sends = [messenger.send(message, { signal: a.signal, onProgress }), messenger.send(message, { signal: b.signal })];
    await seen;
    a.abort(reason);
    b.abort(reason);
    const again = first('attempt');
    const next = [messenger.send(message, again), messenger.send(message)];
    await Promise.all(sends.map((sending) => expect(sending).rejects.toBe(reason)));
    await again.seen;
    next.push(messenger.send(message));
    answer();

    expect((await Promise.all(next)).map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok']);
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('who comes with an aborted signal leaves at once', async () => {
    const { messenger, answer } = held();
    const message = messageOf();
    const { seen, onProgress } = first('attempt');
    const sending = messenger.send(message, { onProgress });
    await expect(messenger.send(message, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await seen;
    answer();

    expect((await sending).kind).toBe('ok');
  });
});

describe('messenger.close', () => {
  it('resolves when what is being sent has ended, however that ends', async () => {
    const { messenger, answer } = held();
    const [first1, first2] = [first('attempt'), first('attempt')];
    const controller = new AbortController();
    const done: string[] = [];
    const sends = [
      messenger.send(messageOf(), first1).then(() => done.push('ok')),
      messenger.send(messageOf(), { ...first2, signal: controller.signal }).catch(() => done.push('aborted')),
    ];
    await Promise.all([first1.seen, first2.seen]);
    const closing = messenger.close().then(() => done.push('closed'));
    controller.abort(reason);
    answer();
    await Promise.all([closing, ...sends]);

    expect(done.at(-1)).toBe('closed');
    expect(done).toHaveLength(3);
    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'closed', delivery: 'no' });
    await expect(messenger.accept(messageOf())).rejects.toMatchObject({ code: 'closed' });
  });
});
