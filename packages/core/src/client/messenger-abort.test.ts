import { describe, expect, it } from 'vitest';
import { MessagingError } from '../errors.ts';
import { processMessageTransport } from '../exchange/process-message-transport.ts';
import type { ProgressEvent } from '../exchange/progress.ts';
import type { MessengerOptions } from './messenger.ts';
import { failed, messageOf, messengerOf, reply, scripted, status } from '../../test/scripted.ts';
import type { Step } from '../../test/scripted.ts';

describe('createMessenger: aborting', () => {
  const reason = { why: 'the user left' };
  const forever = (): Promise<never> => new Promise(() => undefined);

  /** Sends, aborts when told to, and gives the last event. */
  async function aborted(steps: Step[], when: (event: ProgressEvent) => boolean, options: Partial<MessengerOptions> = {}): Promise<ProgressEvent | undefined> {
    const controller = new AbortController();
    const { transport } = scripted(...steps);
    const { messenger, events } = messengerOf({ transport, ...options });
    const sending = messenger.send(messageOf(), {
      signal: controller.signal,
      onProgress: (event) => {
        if (when(event)) queueMicrotask(() => controller.abort(reason));
      },
    });
    await expect(sending).rejects.toBe(reason);
    return events.at(-1);
  }

  it('before the first attempt: nothing is sent, delivery no', async () => {
    const { transport, sent } = scripted();
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it("during the application's own check: nothing is sent, delivery no", async () => {
    const controller = new AbortController();
    const { transport, sent } = scripted();
    const { messenger, events } = messengerOf({ transport, check: forever });
    const sending = messenger.send(messageOf(), { signal: controller.signal });
    controller.abort(reason);

    await expect(sending).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it('when told that an attempt begins: nothing is sent, delivery no', async () => {
    const controller = new AbortController();
    const { transport, sent } = scripted();
    const { messenger, events } = messengerOf({ transport });
    const sending = messenger.send(messageOf(), { signal: controller.signal, onProgress: ({ kind }) => kind === 'attempt' && controller.abort(reason) });

    await expect(sending).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no', unanswered: false });
  });

  it('when told that it is about to leave, after the headers came: nothing is sent, delivery no', async () => {
    const controller = new AbortController();
    const steps: string[] = [];
    const fetched = (): Promise<Response> => (steps.push('fetch'), Promise.resolve(new Response()));
    const transport = processMessageTransport({
      baseUrl: 'https://b.example/fhir',
      fetch: fetched,
      headers: () => (steps.push('headers'), {}),
    });
    const onLeaving = (): void => {
      steps.push('leaving');
      controller.abort(reason);
    };

    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf(), { signal: controller.signal, onLeaving })).rejects.toBe(reason);
    expect(steps).toEqual(['headers', 'leaving']);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no', unanswered: false });
  });

  it('while an attempt that was over leaves all the same, late: delivery unknown', async () => {
    const controller = new AbortController();
    let leaveLate = (): void => undefined;
    const { transport } = scripted(({ onLeaving }) => {
      leaveLate = () => onLeaving?.();
      return Promise.reject(failed('no'));
    });
    const { messenger, events } = messengerOf({
      transport,
      sleep: () => {
        leaveLate();
        controller.abort(reason);
        return Promise.resolve();
      },
    });

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(reason);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true });
  });

  describe('when told that it is about to leave: delivery as it was before', () => {
    /** Stops a send when it is about to leave for the nth time, and gives what is then known of its delivery. */
    async function stopped(nth: number, stop: (controller: AbortController) => void, ...steps: Step[]): Promise<ProgressEvent | undefined> {
      const controller = new AbortController();
      let times = 0;
      const onLeaving = (): void => {
        times += 1;
        if (times === nth) stop(controller);
      };
      const { messenger, events } = messengerOf({ ...scripted(...steps), peer: { reliableCacheMinutes: 10 }, retry: { maxAttempts: steps.length } });
      await expect(messenger.send(messageOf(), { signal: controller.signal, onLeaving })).rejects.toBeDefined();
      return events.at(-1);
    }
    const abort = (controller: AbortController): void => controller.abort(reason);
    const crash = (): never => {
      throw new Error('nobody is signed in');
    };
    const leaving: Step = ({ onLeaving, signal }) => {
      onLeaving?.();
      signal.throwIfAborted();
      return Promise.reject(new MessagingError('transport.failed', 'lost', { delivery: 'no' }));
    };
    const lost: Step = ({ onLeaving }) => {
      onLeaving?.();
      return Promise.reject(new MessagingError('transport.failed', 'lost', { delivery: 'unknown' }));
    };
    const locked: Step = (outgoing) => {
      outgoing.onLeaving?.();
      return { status: 503, body: new TextEncoder().encode('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"lock-error"}]}') };
    };
    const transient: Step = (outgoing) => {
      outgoing.onLeaving?.();
      return reply({ code: 'transient-error' })(outgoing);
    };
    const repeated: Step = (outgoing) => {
      outgoing.onLeaving?.();
      return leaving(outgoing);
    };

    it.each([
      ['by its signal', abort, undefined],
      ['by a throw', crash, 'transport.failed'],
    ])('%s', async (_, stop, code) => {
      expect(await stopped(1, stop, leaving)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no', unanswered: false, code });
      expect(await stopped(2, stop, leaving, leaving)).toEqual({ kind: 'delivery', attempt: 2, delivery: 'no', unanswered: false, code });
      expect(await stopped(2, stop, lost, leaving)).toEqual({ kind: 'delivery', attempt: 2, delivery: 'unknown', unanswered: true, code });
      expect(await stopped(2, stop, locked, leaving)).toEqual({ kind: 'delivery', attempt: 2, delivery: 'unknown', unanswered: true, code });
      expect(await stopped(2, stop, transient, leaving)).toMatchObject({ kind: 'delivery', attempt: 2, unanswered: false });
    });

    it.each([
      ['by its signal', abort, undefined],
      ['by a throw', crash, 'transport.failed'],
    ])('%s, unless that is a repetition within the attempt: delivery unknown', async (_, stop, code) => {
      expect(await stopped(2, stop, repeated)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true, code });
    });

    it('unless it is told so by an attempt whose time was up, when another one has left: delivery unknown', async () => {
      let leaveLate: (() => void) | undefined;
      const late: Step = ({ onLeaving }) => {
        leaveLate = onLeaving;
        return Promise.reject(failed('no', 'transport.timeout'));
      };
      const left: Step = ({ onLeaving }) => {
        onLeaving?.();
        leaveLate?.();
        return Promise.reject(failed('unknown'));
      };

      expect(await stopped(2, abort, late, left)).toEqual({ kind: 'delivery', attempt: 2, delivery: 'unknown', unanswered: true });
    });
  });

  it('during an attempt: delivery unknown, even where the transport does not listen', async () => {
    expect(await aborted([forever], ({ kind }) => kind === 'attempt')).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true });
  });

  it('during an attempt, with a reason that is an error of the SDK: no further attempt', async () => {
    const own = new MessagingError('transport.failed', 'given up', { delivery: 'no' });
    const controller = new AbortController();
    const { transport, sent } = scripted(() => {
      controller.abort(own);
      return forever();
    });

    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(own);
    expect(sent).toHaveLength(1);
    expect(events).toEqual([
      { kind: 'attempt', attempt: 1 },
      { kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true, code: 'transport.failed' },
    ]);
  });

  it.each([
    ['what surely did not arrive: delivery no', status(503), 'no', {}],
    ['what may have arrived: delivery unknown', failed('unknown'), 'unknown', { peer: { reliableCacheMinutes: 10 } }],
    ['a transient-error: delivery yes', reply({ code: 'transient-error' }), 'yes', {}],
  ] as const)('while it waits after %s', async (_, step, delivery, options) => {
    const sleep = (_delayMs: number, signal?: AbortSignal): Promise<void> => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));

    expect(await aborted([step], ({ kind }) => kind === 'waiting', { sleep, ...options })).toEqual({ kind: 'delivery', attempt: 1, delivery, unanswered: delivery === 'unknown' });
  });

  it('while it waits in a way that does not listen: the next attempt does not begin', async () => {
    const sleep = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    expect(await aborted([status(503)], ({ kind }) => kind === 'waiting', { sleep })).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no', unanswered: false });
  });

  it('after the reply came: the reply counts', async () => {
    const controller = new AbortController();
    const { messenger } = messengerOf(scripted(reply()));
    const sending = messenger.send(messageOf(), { signal: controller.signal, onProgress: ({ kind }) => kind === 'replied' && controller.abort(reason) });

    expect((await sending).kind).toBe('ok');
  });
});
