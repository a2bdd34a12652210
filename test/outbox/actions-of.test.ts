import type { OutboxState } from '@fhir-messaging/core';
import { actionsOf } from '@fhir-messaging/outbox';
import type { OutboxAction, OutboxEntry, OutboxReason } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { answer, reset } from '../exchange/loopback.ts';
import { benchOf, idOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

let bench: Bench | undefined;
afterEach(() => bench?.stop());

const entryIn = (state: OutboxState, more: Partial<Pick<OutboxEntry, 'reason' | 'sends' | 'mayHaveArrived' | 'dueAtMs'>> = {}) => ({ state, reason: undefined, sends: 1, mayHaveArrived: false, isLeased: false, dueAtMs: undefined, ...more });
const states: readonly (readonly [ReturnType<typeof entryIn>, readonly OutboxAction[]])[] = [
  [entryIn('pending'), ['retry', 'cancel']],
  [entryIn('pending', { sends: 0 }), ['cancel']],
  [entryIn('waiting', { reason: 'http.401' }), ['cancel']],
  [entryIn('blocked', { reason: 'predecessor.dead' }), ['cancel']],
  [entryIn('sending', { mayHaveArrived: true }), []],
  [entryIn('accepted', { dueAtMs: 1 }), []],
  [entryIn('accepted'), ['remove']],
  [entryIn('replied'), ['remove']],
  [entryIn('overdue'), ['decide']],
  [entryIn('rejected', { reason: 'http.422' }), ['retry', 'remove']],
  [entryIn('rejected', { reason: 'fatal-error' }), ['remove']],
  [entryIn('rejected', { reason: 'repeated' }), ['remove']],
  [entryIn('dead', { reason: 'transport.failed' }), ['retry', 'cancel']],
  [entryIn('dead', { reason: 'pinned' }), ['cancel']],
];

describe('actionsOf: what somebody can have done with an entry', () => {
  it.each(states)('of %o is %o', (entry, actions) => {
    expect(actionsOf(entry)).toEqual(actions);
  });

  it.each(['pending', 'waiting', 'blocked', 'uncertain'] as const)('has none that sends again, or forgets, what may have arrived (%s)', (state) => {
    expect(actionsOf(entryIn(state, { mayHaveArrived: true }))).toEqual(state === 'uncertain' ? ['decide'] : []);
  });

  it('has none while `confirm` is asked about a message, nor would `decide` do anything then; has `decide` between two times', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    const confirm = async (): Promise<'unknown'> => {
      if ((asked += 1) === 1) throw new Error('no network');
      await new Promise<void>((resolve) => (answer = resolve));
      return 'unknown';
    };
    bench = await benchOf([reset], { confirm });
    const { outbox, pass } = bench;
    const { id } = await outbox.enqueue(messageOf());
    const actions = async () => (await outbox.list()).entries.map(actionsOf);
    await outbox.run();
    expect(await actions()).toEqual([['decide']]);

    pass(300_000);
    const running = outbox.run();
    await expect.poll(() => asked).toBe(2);
    expect([await actions(), await outbox.decide(id, 'processed')]).toEqual([[[]], false]);
    answer();
    await running;
    expect([await actions(), await outbox.decide(id, 'processed')]).toEqual([[['decide']], true]);
  });

  it('is what the outbox does: each of them succeeds', async () => {
    const done = async (action: OutboxAction, id: string): Promise<boolean> => (action === 'decide' ? bench!.outbox.decide(id, 'processed') : bench!.outbox[action](id));
    const met: (OutboxState | undefined)[] = [];
    for (const steps of [[reset], [answer(204)], [answer(422)], [answer(503)], [answer(401)]]) {
      for (let place = 0; place < 2; place += 1) {
        bench = await benchOf(steps);
        const message = messageOf();
        await bench.outbox.enqueue(message);
        await bench.outbox.run();
        const [entry] = (await bench.outbox.list()).entries;
        const action = entry && actionsOf(entry)[place];
        if (action) {
          met.push(entry.state);
          expect([entry.state, action, await done(action, idOf(message))]).toEqual([entry.state, action, true]);
        }
        await bench.stop();
      }
    }
    expect(met).toEqual(['uncertain', 'replied', 'rejected', 'rejected', 'pending', 'pending', 'waiting']);
  });
});

describe('OutboxReason', () => {
  it('is closed: a status, an error, what became of the message before, and no other text', () => {
    expectTypeOf<'http.422' | 'transport.failed' | 'predecessor.removed' | 'pinned'>().toExtend<OutboxReason>();
    expectTypeOf<'http.many' | 'lockd' | 'predecessor.lost'>().exclude<OutboxReason>().toEqualTypeOf<'http.many' | 'lockd' | 'predecessor.lost'>();
    expectTypeOf<OutboxEntry['reason']>().toEqualTypeOf<OutboxReason | undefined>();
  });
});
