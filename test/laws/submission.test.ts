import { createMessenger, createReply, MessagingError, observeSubmission } from '@fhir-messaging/core';
import type { Delivery, Message, Messenger, Receipt, Reply, SubmissionState } from '@fhir-messaging/core';
import type { Patient } from 'fhir/r4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, source } from '../exchange/loopback.ts';
import { lawSeed } from './seed.ts';

const runs = { seed: lawSeed, numRuns: 400 };

/** How a send of a scripted messenger ends. */
const ends = ['processed', 'ok', 'accepted', 'refused', 'refused, may have arrived', 'fatal', 'transient', 'pinned', 'no', 'unknown', 'yes', 'unsound', 'odd'] as const;
type End = (typeof ends)[number];

/** What a person does, or the send that is running comes to. */
const acts = ['submit', 'end', 'resend', 'submitAnyway', 'dismiss', 'abort', 'reset'] as const;

/** The last one is no message of the event. */
const contents = [{ gender: 'female' }, { gender: 'male' }, undefined] as const;

const presses = fc.array(
  fc.record({
    act: fc.oneof(
      { weight: 5, arbitrary: fc.constant('submit' as const) },
      { weight: 6, arbitrary: fc.constant('end' as const) },
      { weight: 3, arbitrary: fc.constant('submitAnyway' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...acts) },
    ),
    content: fc.oneof({ weight: 1, arbitrary: fc.constant(contents[0]) }, { weight: 1, arbitrary: fc.constantFrom(...contents) }),
    end: fc.constantFrom(...ends),
  }),
  { minLength: 2, maxLength: 24, size: 'max' },
);
type Press = typeof presses extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

interface Sent {
  readonly message: Message;
  /** What is known of it after this send. */
  end?: End;
}

type Settle = (end: End) => void;
type State = SubmissionState<unknown, never>;

/** Whether nobody can say of it that it came to nothing, or to its end. */
const open: ReadonlySet<End> = new Set(['refused, may have arrived', 'transient', 'pinned', 'unknown', 'yes', 'odd']);
/** Whatever was open before, this is an answer for good. */
const final: ReadonlySet<End> = new Set(['fatal', 'ok', 'processed']);

function replyOf(message: Message, end: End): Reply {
  const facts = { issues: [], http: undefined, attempts: 1 };
  const says = (code: 'ok' | 'fatal-error' | 'transient-error', pinned = false): Reply => {
    const reply = createReply(message, { source, code, ...(code === 'ok' ? {} : { issues: [{ severity: 'error', code: 'processing' }] }) });
    return { ...facts, kind: code, message: reply, matched: undefined, matchedByRule: false, disagrees: false, pinned } as unknown as Reply;
  };
  switch (end) {
    case 'processed':
      return { ...facts, kind: 'processed' };
    case 'accepted':
      return { ...facts, kind: 'accepted', duplicate: false, owesReply: false, later: undefined };
    case 'ok':
      return says('ok');
    case 'fatal':
      return says('fatal-error');
    case 'transient':
    case 'pinned':
      return says('transient-error', end === 'pinned');
    case 'refused':
    case 'refused, may have arrived':
      return { ...facts, kind: 'refused', mayHaveArrived: end !== 'refused' };
    case 'unsound':
      throw new MessagingError('message.invalid', 'It breaks a rule.', { delivery: 'no' });
    case 'odd':
      throw new TypeError('A fault of the app.');
    default: {
      const delivery: Delivery = end;
      throw new MessagingError('transport.failed', 'No answer.', { delivery });
    }
  }
}

/** A submission over a messenger that ends each send as it is told. */
function bench() {
  const sends: Sent[] = [];
  let settle: Settle | undefined;
  const inner = createMessenger({ source, transport: (): Promise<Receipt> => Promise.reject(new Error('Nothing is sent here.')) });
  const send = (message: Message, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent: Sent = { message };
      sends.push(sent);
      const finish = (end: End, how: () => void): void => {
        sent.end = end;
        settle = undefined;
        how();
      };
      settle = (end) =>
        finish(end, () => {
          try {
            resolve(replyOf(message, end));
          } catch (error) {
            reject(error instanceof Error ? error : new TypeError('No Error.'));
          }
        });
      signal?.addEventListener('abort', () => finish('unknown', () => reject(signal.reason as Error)));
    });
  const messenger = { ...inner, send } as Messenger;
  return { submission: observeSubmission(messenger, admission()), sends, settle: (end: End) => settle?.(end), isSending: () => settle !== undefined };
}

async function press(steps: readonly Press[], look: (step: Looked) => void): Promise<void> {
  const { submission, sends, settle, isSending } = bench();
  const told: State[] = [];
  submission.subscribe(() => told.push(submission.getState() as State));
  for (const { act, content: patient, end } of steps) {
    const before = submission.getState() as State;
    const sentBefore = sends.length;
    const wasSending = isSending();
    told.length = 0;
    if (act === 'end') settle(end);
    else if (act === 'submit') void submission.submit((patient ? { Patient: { resourceType: 'Patient', ...patient } } : {}) as { Patient: Patient });
    else void submission[act]();
    for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
    look({ act, content: JSON.stringify(patient), before, after: submission.getState() as State, told: [...told], sends, sentBefore, wasSending });
  }
}

interface Looked {
  readonly act: (typeof acts)[number];
  readonly content: string;
  readonly before: State;
  readonly after: State;
  readonly told: readonly State[];
  readonly sends: readonly Sent[];
  readonly sentBefore: number;
  readonly wasSending: boolean;
}

const contentOf = ({ message }: Sent): string => JSON.stringify({ gender: (message.graph.all('Patient')[0] as { gender?: string } | undefined)?.gender });

/** Whether a message may have arrived, and nobody said for good what became of it. */
function isOpen(sends: readonly Sent[], id: string | undefined): boolean {
  let known = false;
  for (const { message, end = 'unknown' } of sends) {
    if (message.identity.message !== id) continue;
    if (open.has(end)) known = true;
    if (final.has(end)) known = false;
  }
  return known;
}

describe('a submission, whatever is pressed and whatever becomes of its sends', () => {
  const always = (law: (step: Looked) => void): Promise<void> => fc.assert(fc.asyncProperty(presses, (steps) => press(steps, law)), runs);

  it('sends nothing while it sends, nothing once it is taken over or processed, and nothing else than asked where nothing was asked', () =>
    always(({ act, wasSending, before, sends, sentBefore }) => {
      if (act === 'reset' || act === 'end') expect(sends.length).toBe(sentBefore);
      if (act === 'submitAnyway' && before.kind !== 'mayHaveArrived') expect(sends.length).toBe(sentBefore);
      if (wasSending || before.kind === 'accepted' || before.kind === 'done') expect(sends.length).toBe(sentBefore);
    }));

  it('sends a message again to the byte, and a new one only when it was asked about, as long as any since the reset may have arrived', async () => {
    let forgotten = 0;
    const askedAbout = new Set<string | undefined>();
    await always(({ act, before, after, sends, sentBefore, content }) => {
      if (sentBefore === 0) forgotten = 0;
      const earlier = sends.slice(forgotten, sentBefore);
      if (act === 'reset' && after.kind === 'idle') forgotten = sends.length;
      const next = sends.length > sentBefore ? sends.at(-1) : undefined;
      if (next === undefined) return;
      const id = next.message.identity.message;
      const isOpenStill = (sent: Sent): boolean => isOpen(sends.slice(0, sentBefore), sent.message.identity.message);
      const same = earlier.find(({ message }) => message.identity.message === id);
      if (same) expect(next.message.bytes).toEqual(same.message.bytes);
      if (act === 'submit') expect(content).toBe(contentOf(next));
      if (act === 'submitAnyway' && before.kind === 'mayHaveArrived') askedAbout.add(id);
      if (!askedAbout.has(id) && !(same && isOpenStill(same))) expect(earlier.filter(isOpenStill)).toEqual([]);
    });
  });

  it('asks about a message with what is known of that one', () =>
    always(({ after }) => {
      if (after.kind === 'mayHaveArrived') expect(after.earlier).toMatchObject({ message: after.message });
    }));

  it('says of a message that may have arrived, and that was not answered for good, never that it surely did not', () =>
    always(({ sends, after }) => {
      if (after.kind === 'failed' && after.delivery === 'no') expect(isOpen(sends, after.message.identity.message)).toBe(false);
    }));

  it('tells each change once, and nothing where nothing changed', () =>
    always(({ before, after, told }) => {
      [before, ...told].reduce((earlier, later) => (expect(later).not.toBe(earlier), later));
      expect(told.at(-1) ?? before).toBe(after);
    }));
});
