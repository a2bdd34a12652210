import { bars, createMessenger, createReply, defineEvent, observeSubmission, readMessage } from '@fhir-messaging/core';
import type { Messenger, MessengerOptions, PayloadOf, Receipt } from '@fhir-messaging/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { admit, admits, patient, says, status, statesOf, until, vanishes, ward, wardThat } from './ward.ts';
import type { Answer } from './ward.ts';

async function start(answers: readonly Answer[], options?: Partial<MessengerOptions>) {
  const server = await wardThat(answers, options);
  onTestFinished(() => server.stop());
  return { ...server, submission: observeSubmission(server.messenger, admit) };
}

const payload = { Patient: patient };
/** The same, and not the same object, its members in another order. */
const rebuilt: PayloadOf<typeof admit> = { Patient: { name: [{ given: ['Ann'], family: 'Miller' }], resourceType: 'Patient' } };
const changed = { Patient: { ...patient, active: true } };
const kinds = (states: readonly { readonly kind: string }[]): readonly string[] => states.map(({ kind }) => kind);
const idsIn = (texts: readonly string[]): readonly string[] => texts.map((text) => (JSON.parse(text) as { id: string }).id);

describe('a submission: its states, one after another', () => {
  it('idle, checking, sending, done with the reply', async () => {
    const { submission } = await start([admits]);
    const states = statesOf(submission);
    const reached = await submission.submit(payload);

    expect(kinds(states)).toEqual(['idle', 'checking', 'sending', 'done']);
    expect(states[2]).toMatchObject({ attempt: 1, waitingUntilMs: undefined, needsSignIn: false });
    expect(reached).toBe(submission.getState());
    expect(reached).toMatchObject({ kind: 'done', reply: { kind: 'ok' } });
  });

  it('while an attempt waits, until when it does', async () => {
    const { submission } = await start([status(503, { 'retry-after': '2' }), admits], { retry: { maxAttempts: 2 }, now: () => 1000 });
    const states = statesOf(submission);
    await submission.submit(payload);

    expect(states.flatMap((state) => (state.kind === 'sending' ? [[state.attempt, state.waitingUntilMs, state.needsSignIn]] : []))).toEqual([[1, undefined, false], [2, 3000, false], [2, undefined, false]]);
  });

  it('invalid when it breaks a rule: nothing of it is sent', async () => {
    const { submission, arrived } = await start([admits]);
    const reached = await submission.submit({ Patient: { ...patient, managingOrganization: { reference: '#nobody' } } });

    expect(reached).toMatchObject({ kind: 'invalid', error: { code: 'message.invalid' } });
    expect(reached.kind === 'invalid' && reached.issues.length).toBeGreaterThan(0);
    expect(arrived).toEqual([]);
  });

  it("invalid when the messenger's own check says so, after checking", async () => {
    const { submission, arrived } = await start([admits], { check: () => [{ severity: 'error', code: 'invariant', rule: 'ward.consent' }] });
    const states = statesOf(submission);
    await submission.submit(payload);

    expect(kinds(states)).toEqual(['idle', 'checking', 'invalid']);
    expect(submission.getState()).toMatchObject({ issues: [{ rule: 'ward.consent' }] });
    expect(arrived).toEqual([]);
  });

  it.each([
    ['refused', status(422), { mayHaveArrived: false }],
    ['rejected', says('fatal-error'), { issues: [{ diagnostics: 'No bed is free.' }] }],
    ['failed', vanishes, { delivery: 'unknown', error: { code: 'transport.failed' } }],
    ['failed', status(503), { delivery: 'no', error: { code: 'transport.status' } }],
    ['accepted', status(202), { reply: { kind: 'accepted' } }],
    ['done', status(204), { reply: { kind: 'processed' } }],
  ] as const)('%s, with what is known then', async (kind, answer, facts) => {
    const { submission } = await start([answer]);

    expect(await submission.submit(payload)).toMatchObject({ kind, ...facts });
  });

  it.each([{ async: true }, {}])('accepted becomes done when the reply comes later (sent with %j)', async (how) => {
    const { submission, messenger } = await start([status(202)]);
    const reached = await submission.submit(payload, how);
    if (reached.kind !== 'accepted') throw new Error(reached.kind);
    await messenger.accept(createReply(reached.message, { source: ward }));

    expect(await until(submission, ({ kind }) => kind !== 'accepted')).toMatchObject({ kind: 'done', reply: { kind: 'ok' } });
  });

  it('accepted becomes failed, delivered for certain, when the reply that is owed does not come by the deadline', async () => {
    const { submission } = await start([status(202)], { replyWithinMs: 20 });
    await submission.submit(payload, { async: true });

    expect(await until(submission, ({ kind }) => kind !== 'accepted')).toMatchObject({ kind: 'failed', delivery: 'yes', error: { code: 'transport.timeout' } });
  });

  it('accepted stays so when the messenger is closed, which says nothing of the reply: a press sends nothing', async () => {
    const { submission, messenger, arrived } = await start([status(202)]);
    const reached = await submission.submit(payload, { async: true });
    await messenger.close();
    await expect(reached.kind === 'accepted' && reached.reply.later).rejects.toMatchObject({ code: 'closed' });
    await submission.resend();

    expect(submission.getState()).toMatchObject({ kind: 'accepted' });
    expect(arrived).toHaveLength(1);
  });

  it('accepted stays so where the other side had the message before, and no reply came', async () => {
    const isThere: Answer = (_, outgoing) => outgoing.writeHead(409, { 'content-type': 'application/fhir+json' }).end(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'duplicate' }] }));
    const { submission } = await start([isThere], { identity: bars, replyWithinMs: 20 });
    const reached = await submission.submit(payload);
    await expect(reached.kind === 'accepted' && reached.reply.later).rejects.toMatchObject({ code: 'transport.timeout' });

    expect(submission.getState()).toMatchObject({ kind: 'accepted', reply: { duplicate: true } });
  });

  it('accepted stays so where its reply was not asked to come later, and none came: a press sends nothing', async () => {
    const { submission, arrived } = await start([status(202)], { replyWithinMs: 20 });
    const reached = await submission.submit(payload);
    await expect(reached.kind === 'accepted' && reached.reply.later).rejects.toMatchObject({ code: 'transport.timeout' });
    await submission.submit(payload);

    expect(submission.getState()).toMatchObject({ kind: 'accepted' });
    expect(arrived).toHaveLength(1);
  });

  it('failed, delivery no, where the options of the send contradict each other: nothing was sent', async () => {
    const { submission, arrived } = await start([admits]);

    expect(await submission.submit(payload, { async: false, responseUrl: 'https://app.example.org/in' })).toMatchObject({ kind: 'failed', delivery: 'no', error: { name: 'TypeError' } });
    expect(arrived).toEqual([]);
  });

  it('accepted stays so where no reply is expected, and none came', async () => {
    const { submission } = await start([status(202)], { replyWithinMs: 20 });
    const reached = await submission.submit(payload, { async: true, responseRequest: 'on-error' });
    if (reached.kind !== 'accepted' || reached.reply.later === undefined) throw new Error(reached.kind);
    await expect(reached.reply.later).rejects.toMatchObject({ code: 'transport.timeout' });

    expect(submission.getState()).toMatchObject({ kind: 'accepted' });
  });

  it('a listener that throws harms neither the send nor the other listeners', async () => {
    const { submission } = await start([admits]);
    submission.subscribe(() => {
      throw new Error('a fault in a display');
    });
    const states = statesOf(submission);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
    expect(states.at(-1)).toMatchObject({ kind: 'done' });
  });

  it("a programmer's mistake is thrown at once, and is no state", () => {
    const messenger = createMessenger({ transport: () => Promise.reject(new Error('not reached')) });
    const submission = observeSubmission(messenger, admit);

    expect(() => submission.submit(payload)).toThrow(TypeError);
    expect(submission.getState()).toEqual({ kind: 'idle' });
  });
});

describe('a second press', () => {
  it('while it is being sent does nothing, whatever the content: one request', async () => {
    const { submission, arrived } = await start([admits]);
    const presses = [submission.submit(payload), submission.submit(payload), submission.submit(changed), submission.resend()];
    const reached = await Promise.all(presses);

    expect(arrived).toHaveLength(1);
    expect(new Set(reached).size).toBe(1);
  });

  it.each([['done', admits], ['accepted', status(202)]] as const)('once it is %s does nothing until it is reset: a late click is no second message', async (kind, answer) => {
    const { submission, arrived } = await start([answer]);
    await submission.submit(payload);
    await submission.submit(payload);
    await submission.submit(changed);
    await submission.resend();

    expect(arrived).toHaveLength(1);
    expect(submission.getState().kind).toBe(kind);
    submission.reset();
    expect(submission.getState()).toEqual({ kind: 'idle' });
    await submission.submit(payload);
    expect(new Set(idsIn(arrived)).size).toBe(2);
  });
});

describe('pressed again after a failure (the same message, by a machine or a person, is the same message)', () => {
  it('the same content, though made anew, is the same message: same ids, same bytes', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload);

    expect(await submission.submit(rebuilt)).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(2);
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('changed content is asked about first: nothing is sent', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    const failed = await submission.submit(payload);
    const asking = await submission.submit(changed);

    expect(asking).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed', delivery: 'unknown' } });
    expect(asking.kind === 'mayHaveArrived' && asking.earlier).toBe(failed);
    expect(arrived).toHaveLength(1);
  });

  it('content that its owner changed in place counts as changed', async () => {
    const { submission } = await start([vanishes]);
    const own = { Patient: { resourceType: 'Patient' as const, active: false } };
    await submission.submit(own);
    own.Patient.active = true;

    expect(await submission.submit(own)).toMatchObject({ kind: 'mayHaveArrived' });
  });

  it.each([['source', { source: 'https://other.example.org' }], ['header', { header: { reason: { text: 'x' } } }], ['wish for a reply', { responseRequest: 'never' }]] as const)(
    'another %s is a change too',
    async (_, options) => {
      const { submission } = await start([vanishes]);
      await submission.submit(payload, { newId: () => crypto.randomUUID() });

      expect(await submission.submit(payload, options)).toMatchObject({ kind: 'mayHaveArrived' });
    },
  );

  it('asked, one may send the earlier message again', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload);
    await submission.submit(changed);

    expect(await submission.resend()).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('asked, one may send the other content all the same, as a new message', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload);
    await submission.submit(changed);

    expect(await submission.submitAnyway()).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toContain('"active":true');
    expect(new Set(idsIn(arrived)).size).toBe(2);
  });

  it('asked, one may let it be: what is known of the earlier message stands, and the next press asks again', async () => {
    const { submission, arrived } = await start([vanishes]);
    const failed = await submission.submit(payload);
    await submission.submit(changed);
    submission.dismiss();

    expect(submission.getState()).toBe(failed);
    await submission.submitAnyway();
    expect(submission.getState()).toBe(failed);
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toHaveLength(1);
  });

  it.each([
    ['destination', class { get destination() { return 'https://other.example.org'; } }],
    ['reply address', class { get responseUrl() { return 'https://app.example.org/replies'; } }],
  ])('options count as changed where they are an instance of a class too: another %s is asked about', async (_what, Options) => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload);

    expect(await submission.submit(payload, new Options())).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toHaveLength(1);
  });

  it('an invalid change does not make it forget that the earlier message may have arrived', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload);
    await submission.submit({ Patient: { ...patient, managingOrganization: { reference: '#nobody' } } });

    expect(await submission.submitAnyway()).toMatchObject({ kind: 'invalid' });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(await submission.submit(rebuilt)).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('after an invalid change shows, when it asks, what is known of the earlier message, and goes back there', async () => {
    const { submission } = await start([vanishes]);
    const failed = await submission.submit(payload);
    await submission.submit({ Patient: { ...patient, managingOrganization: { reference: '#nobody' } } });
    expect(await submission.submitAnyway()).toMatchObject({ kind: 'invalid' });

    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived', earlier: failed });
    submission.dismiss();
    expect(submission.getState()).toBe(failed);
  });

  it.each([['did not arrive', status(503)], ['was refused', status(422)], ['was answered fatal-error', says('fatal-error')]] as const)(
    'may have arrived still where another one, sent all the same, %s: the same message again, and other content is asked about',
    async (_, comesToNothing) => {
      const { submission, arrived } = await start([vanishes, comesToNothing, vanishes, admits]);
      await submission.submit(payload);
      await submission.submit(changed);
      await submission.submitAnyway();

      expect(await submission.submit({ Patient: { ...patient, active: false } })).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed', delivery: 'unknown' } });
      expect(arrived).toHaveLength(2);
      await submission.resend();
      expect(await submission.submit(rebuilt)).toMatchObject({ kind: 'done' });
      expect([arrived[2], arrived[3]]).toEqual([arrived[0], arrived[0]]);
    },
  );

  it('may have arrived, and is shown again: content that did not arrive after it is asked about, as any other', async () => {
    const { submission, arrived } = await start([vanishes, status(503)]);
    await submission.submit(payload);
    await submission.submit(changed);
    expect(await submission.submitAnyway()).toMatchObject({ kind: 'failed', delivery: 'no' });
    await submission.submit({ Patient: { ...patient, active: false } });
    submission.dismiss();

    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed', delivery: 'unknown' } });
    expect(arrived).toHaveLength(2);
  });

  it('what surely did not arrive: the same content is the same message, changed content a new one, unasked', async () => {
    const { submission, arrived } = await start([status(503), status(503), admits]);
    await submission.submit(payload);
    await submission.submit(rebuilt);
    await submission.submit(changed);

    expect(arrived[1]).toBe(arrived[0]);
    expect(new Set(idsIn(arrived)).size).toBe(2);
    expect(submission.getState()).toMatchObject({ kind: 'done' });
  });

  it.each([['refused', status(422)], ['answered fatal-error', says('fatal-error')]] as const)('what was %s: a new message', async (_, answer) => {
    const { submission, arrived } = await start([answer, admits]);
    await submission.submit(payload);
    await submission.submit(payload);

    expect(new Set(idsIn(arrived)).size).toBe(2);
  });

  it('what was refused after it may have arrived: still the same message, and still asked about', async () => {
    const { submission, arrived } = await start([vanishes, status(401), status(503), admits]);
    await submission.submit(payload);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'refused', mayHaveArrived: true });
    expect(await submission.submit(payload)).toMatchObject({ kind: 'failed', delivery: 'unknown' });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
    expect(new Set(arrived).size).toBe(1);
  });

  it('what was answered transient-error: the same message', async () => {
    const { submission, arrived } = await start([says('transient-error'), admits]);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'rejected', reply: { kind: 'transient-error', pinned: false } });
    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('what was answered transient-error, and then not at all: other content is asked about still', async () => {
    const { submission, arrived } = await start([says('transient-error'), status(503), admits]);
    await submission.submit(payload);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'failed', delivery: 'unknown' });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toHaveLength(2);
  });

  it('what the other side pinned to a transient-error: a new message is asked about, for the same content too', async () => {
    let first: Uint8Array | undefined;
    const transport = (outgoing: { message: Parameters<typeof createReply>[0] }): Promise<Receipt> => {
      first ??= createReply(outgoing.message, { source: ward, code: 'transient-error', issues: [{ severity: 'error', code: 'transient' }] }).bytes;
      return Promise.resolve({ status: 200, body: first });
    };
    const messenger = createMessenger({ transport, source: 'urn:example:app', sleep: () => Promise.resolve() });
    const submission = observeSubmission(messenger, admit);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'rejected', reply: { pinned: true } });
    expect(await submission.submit(payload)).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'rejected' } });
  });
});

describe("a messenger of one's own", () => {
  it('is given the options of a press alone, so that its defaults are spread before them: in creating and in sending', async () => {
    const { messenger, arrived } = await start([admits]);
    const ofClinic: Messenger = {
      ...messenger,
      create: (event, content, options) => messenger.create(event, content, { source: 'https://clinic-b.example', ...options }),
      send: (message, options) => messenger.send(message, { onLeaving: () => arrived.push('leaves'), ...options }),
    };
    await observeSubmission(ofClinic, admit).submit(payload);

    expect(arrived).toEqual(['leaves', expect.stringContaining('"source":{"endpoint":"https://clinic-b.example"}')]);
  });
});

describe('what has to hold when it leaves', () => {
  it('is looked at right before each attempt, and does not go where it does not hold', async () => {
    const { submission, arrived } = await start([admits]);
    const leaves: string[] = [];

    expect(await submission.submit(payload, { onLeaving: () => (leaves.push('first'), submission.abort()) })).toMatchObject({ kind: 'failed' });
    expect(await submission.submit(payload, { onLeaving: () => void leaves.push('second') })).toMatchObject({ kind: 'done' });
    expect([leaves, arrived.length]).toEqual([['first', 'second'], 1]);
  });

  it('is no part of what is pressed for: another function is the same message', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    await submission.submit(payload, { onLeaving: () => undefined });

    expect(await submission.submit(payload, { onLeaving: () => undefined })).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toBe(arrived[0]);
  });
});

describe('abort and reset', () => {
  it('an abort in mid-send: failed with the reason, and unknown whether it arrived', async () => {
    const { submission, arrived } = await start([() => submission.abort(), admits]);
    const reached = await submission.submit(payload);

    expect(reached).toMatchObject({ kind: 'failed', delivery: 'unknown', error: { name: 'AbortError' } });
    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('an abort before the first attempt: it did not arrive', async () => {
    const { submission, arrived } = await start([admits], { check: () => (submission.abort(), []) });

    expect(await submission.submit(payload)).toMatchObject({ kind: 'failed', delivery: 'no' });
    expect(arrived).toEqual([]);
  });

  it('a reset while it is being sent does nothing', async () => {
    const { submission } = await start([(...answer) => (submission.reset(), admits(...answer))]);

    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
  });

  it('a reset, or another press, in reaction to the outcome is heard', async () => {
    const { submission, arrived } = await start([vanishes, admits]);
    submission.subscribe(() => {
      const { kind } = submission.getState();
      if (kind === 'failed') void submission.resend();
      if (kind === 'done') submission.reset();
    });
    await submission.submit(payload);
    await until(submission, ({ kind }) => kind === 'idle');

    expect(arrived).toHaveLength(2);
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('a reset, or another press, while its first state is told is none', async () => {
    const { submission, arrived } = await start([admits]);
    submission.subscribe(() => {
      if (submission.getState().kind !== 'checking') return;
      submission.reset();
      void submission.submit(changed);
    });

    expect(await submission.submit(payload)).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(1);
  });

  it('after a reset, the reply that comes later to the forgotten message changes nothing', async () => {
    const { submission, messenger } = await start([status(202)]);
    const reached = await submission.submit(payload, { async: true });
    if (reached.kind !== 'accepted') throw new Error(reached.kind);
    submission.reset();
    await messenger.accept(createReply(reached.message, { source: ward }));
    await reached.reply.later;

    expect(submission.getState()).toEqual({ kind: 'idle' });
  });
});

describe('a message that an earlier page was sending', () => {
  it('begins as failed with its delivery unknown; sent again it is the same message', async () => {
    const { messenger, arrived } = await start([admits]);
    const unsettled = messenger.create(admit, payload);
    const submission = observeSubmission(messenger, admit, { unsettled });

    expect(submission.getState()).toMatchObject({ kind: 'failed', delivery: 'unknown', message: unsettled });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(await submission.resend()).toMatchObject({ kind: 'done' });
    expect(arrived).toEqual([new TextDecoder().decode(unsettled.bytes)]);
  });
});

describe('a press after a reload, where the message that was being sent is given back', () => {
  const named = { Patient: { ...patient, id: '2' } };
  const base = 'https://ehr.example.org/fhir';
  const bundle = { language: 'en' };

  /** A submission that begins with what an earlier page was sending, read from its bytes. */
  async function reloaded() {
    const server = await start([admits]);
    const earlier = server.messenger.create(admit, named, { base, bundle });
    return { ...server, earlier, submission: observeSubmission(server.messenger, admit, { unsettled: readMessage(earlier.bytes) }) };
  }

  it('sends the same message again where it is for the same content', async () => {
    const { submission, arrived, earlier } = await reloaded();

    expect(await submission.submit(named, { base, bundle })).toMatchObject({ kind: 'done' });
    expect(arrived).toEqual([new TextDecoder().decode(earlier.bytes)]);
  });

  it('sends the same message again for the graph of one that is made anew', async () => {
    const { messenger, submission, arrived, earlier } = await reloaded();

    expect(await submission.submit(messenger.create(admit, named, { base }).graph, { bundle })).toMatchObject({ kind: 'done' });
    expect(arrived).toEqual([new TextDecoder().decode(earlier.bytes)]);
  });

  it('sends the same message again though a resource that is on no server has another name in each', async () => {
    const { messenger, arrived } = await start([admits]);
    const identified = { Patient: { ...patient, identifier: [{ system: 'https://ehr.example.org/mrn', value: '2' }] } };
    const submission = observeSubmission(messenger, admit, { unsettled: readMessage(messenger.create(admit, identified).bytes) });

    expect(await submission.submit(identified)).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(1);
  });

  it.each(['submit', 'resend'] as const)("sends it under the event's contract, though its bytes were read without one: where that wants no reply, none is missing (%s)", async (press) => {
    const event = defineEvent({ uri: 'https://example.org/tell', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' }, reply: 'on-error' });
    const { messenger, arrived } = await start([status(200)]);
    const earlier = messenger.create(event, named, { base });
    const submission = observeSubmission(messenger, event, { unsettled: readMessage(earlier.bytes) });

    expect(await submission[press](named, { base })).toMatchObject({ kind: 'done' });
    expect(arrived).toEqual([new TextDecoder().decode(earlier.bytes)]);
  });

  it("asks no rule of the event's about a message of another event", async () => {
    const rules = [() => { throw new Error('no message of this event'); }];
    const event = defineEvent({ uri: 'https://example.org/ask', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' }, rules });
    const { messenger, earlier } = await reloaded();

    expect(observeSubmission(messenger, event, { unsettled: readMessage(earlier.bytes) }).getState()).toMatchObject({ kind: 'failed', delivery: 'unknown' });
  });

  it('sends a message of another event as it is', async () => {
    const other = defineEvent({ uri: 'https://example.org/tell', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' }, reply: 'never' });
    const { messenger } = await start([admits]);
    const unsettled = readMessage(messenger.create(other, named, { base }).bytes);

    expect(await observeSubmission(messenger, admit, { unsettled }).resend()).toMatchObject({ kind: 'done', message: unsettled });
  });

  it('sends the same message again where the application is of another version', async () => {
    const { messenger, arrived } = await start([admits]);
    const versioned = (version: string) => ({ source: { endpoint: 'https://app.example.org', name: 'App', software: `App ${version}`, version } });
    const submission = observeSubmission(messenger, admit, { unsettled: readMessage(messenger.create(admit, named, versioned('1')).bytes) });

    expect(await submission.submit(named, versioned('2'))).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(1);
  });

  it('draws no ids once that message was processed, and does nothing', async () => {
    const { submission, arrived } = await reloaded();
    await submission.resend();
    const newId = vi.fn(() => crypto.randomUUID());

    expect(await submission.submit(named, { base, bundle, newId })).toMatchObject({ kind: 'done' });
    expect(newId).not.toHaveBeenCalled();
    expect(arrived).toHaveLength(1);
  });

  it.each([
    ['content', { Patient: { ...named.Patient, active: true } }, { base, bundle }],
    ['the same of another server', named, { base: 'https://other.example.org/fhir', bundle }],
    ['a destination', named, { base, bundle, destination: 'https://other.example.org' }],
    ['elements of the header', named, { base, bundle, header: { reason: { text: 'Fall' } } }],
    ['elements of the Bundle', named, { base, bundle: { language: 'de' } }],
    ['an identifier of the Bundle', named, { base, bundle: { ...bundle, identifier: { system: 'https://ehr.example.org/orders', value: 'B' } } }],
    ['no content that a message can be made of', { Patient: { ...named.Patient, managingOrganization: { reference: '#nobody' } } }, { base, bundle }],
  ])('asks where it is for other content: %s', async (_other, content, options) => {
    const { submission, arrived } = await reloaded();

    expect(await submission.submit(content, options)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toEqual([]);
  });
});

describe('a press after a reload for another person', () => {
  it.each([
    ['by an id that their entry is named by', { id: true }],
    ['by an identifier that their entry is named by', { identifier: true }],
    ["by their entry's name alone", {}],
    ["by their entry's name, beside identifiers without a value", { resource: { identifier: [{ use: 'temp', system: 'https://ehr.example.org/mrn' }] } }],
  ])('asks where only that tells the two apart: %s', async (_by, { id = false, identifier = false, resource = {} }: { id?: boolean; identifier?: boolean; resource?: object }) => {
    const { messenger, arrived } = await start([admits]);
    const personOf = (uuid: string) => ({
      fullUrl: `urn:uuid:${uuid}`,
      resource: { ...patient, ...resource, ...(id && { id: uuid }), ...(identifier && { identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuid}` }] }) },
    });
    const earlier = messenger.create(admit, { Patient: personOf('11111111-1111-4111-8111-111111111111') });
    const submission = observeSubmission(messenger, admit, { unsettled: readMessage(earlier.bytes) });

    expect(await submission.submit({ Patient: personOf('22222222-2222-4222-8222-222222222222') })).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toEqual([]);
  });
});

describe('a message that is given back later', () => {
  it('is taken in where nothing was submitted: a press for other content asks before it makes a second one', async () => {
    const { messenger, submission, arrived } = await start([admits]);
    const unsettled = messenger.create(admit, payload);
    submission.recall(unsettled);

    expect(submission.getState()).toMatchObject({ kind: 'failed', delivery: 'unknown', message: unsettled });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived' });
    expect(arrived).toEqual([]);
  });

  it('changes nothing where something was', async () => {
    const { messenger, submission } = await start([admits]);
    const done = await submission.submit(payload);
    submission.recall(messenger.create(admit, payload));

    expect(submission.getState()).toBe(done);
  });

  it.each([
    ['failed, and surely did not arrive', status(503), 'failed'],
    ['was refused', status(400), 'refused'],
  ])('takes the place of what %s: a press for other content asks', async (_says, given, kind) => {
    const { messenger, submission, arrived } = await start([given], { retry: { maxAttempts: 1 } });
    expect(await submission.submit(payload)).toMatchObject({ kind });
    const unsettled = messenger.create(admit, payload);
    submission.recall(unsettled);

    expect(submission.getState()).toMatchObject({ kind: 'failed', delivery: 'unknown', message: unsettled });
    expect(await submission.submit(changed)).toMatchObject({ kind: 'mayHaveArrived', message: unsettled });
    expect(arrived).toHaveLength(1);
  });

  it('is not taken in again once it was forgotten, in whatever object it comes', async () => {
    const { messenger, submission } = await start([admits]);
    const message = messenger.create(admit, payload);
    submission.recall(message);
    expect(await submission.resend()).toMatchObject({ kind: 'done' });
    submission.reset();
    submission.recall(readMessage(message.bytes));

    expect(submission.getState()).toEqual({ kind: 'idle' });
    const other = messenger.create(admit, payload);
    submission.recall(other);
    expect(submission.getState()).toMatchObject({ kind: 'failed', message: other });
  });
});

describe('a submission that is asked about', () => {
  it('is of what was pressed for, whatever becomes of the object that it was given with', async () => {
    const { submission, arrived } = await start([vanishes], { retry: { maxAttempts: 1 } });
    await submission.submit(payload);
    const form = { Patient: { resourceType: 'Patient' as const, name: [{ family: 'Meier' }] } };
    expect((await submission.submit(form)).kind).toBe('mayHaveArrived');
    form.Patient.name = [{ family: 'Schulz' }];
    await submission.submitAnyway();

    expect(arrived.map((text) => /"family":"(\w+)"/.exec(text)?.[1])).toEqual(['Miller', 'Meier']);
  });
});
