import type { Transport } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { answer, reset } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { idOf, messageOf, minute, receiverOf, serve } from './outbox-under-test.ts';

describe('what an answer makes of an entry', () => {
  const fatal: Step = serve(receiverOf([], { code: () => 'fatal-error' }));
  it.each<[says: string, step: Step, state: string, reason: string | undefined, mayHaveArrived: boolean]>([
    ['a reply that says ok', serve(receiverOf([])), 'replied', undefined, false],
    ['a fatal-error reply', fatal, 'rejected', 'fatal-error', false],
    ['204: done, and no reply expected', answer(204), 'replied', undefined, false],
    ['202: custody', answer(202), 'accepted', undefined, false],
    ['400', answer(400), 'rejected', 'http.400', false],
    ['401: somebody has to sign in', answer(401), 'waiting', 'http.401', false],
    ['503: surely not processed', answer(503), 'pending', 'transport.status', false],
    ['500: it may have been processed', answer(500), 'uncertain', 'transport.status', true],
    ['a reset: it may have arrived', reset, 'uncertain', 'transport.failed', true],
    ['200 without the reply that it should carry', answer(200, ''), 'uncertain', 'reply.invalid', true],
  ])('%s', async (_, step, state, reason, mayHaveArrived) => {
    const { outbox, server } = await open([step]);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.list()).entries).toMatchObject([{ id, state, reason, mayHaveArrived, isLeased: false }]);
    expect(server.requests).toHaveLength(1);
  });

  it('the reply, and what a refusal said, are kept to be read', async () => {
    const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"no such bed"}]}';
    const { outbox } = await open([serve(receiverOf([])), answer(422, outcome)]);
    const first = await outbox.enqueue(messageOf());
    await outbox.run();
    const second = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.read(first.id))?.reply?.graph.header?.resourceType).toBe('MessageHeader');
    expect(await outbox.read(second.id)).toMatchObject({ reply: undefined, issues: [{ severity: 'error', code: 'invalid', diagnostics: 'no such bed' }] });
  });

  it('401 ends the run: no other message is tried in vain, and all of them go once somebody signed in', async () => {
    const { outbox, server, states } = await open([answer(401), answer(204)]);
    await outbox.enqueue(messageOf());
    await outbox.enqueue(messageOf());
    await outbox.run();
    expect(server.requests.length).toBeLessThanOrEqual(2);

    await outbox.run();
    expect(await states()).toEqual(['replied', 'replied']);
  });

  it('401 to some for ever does not keep back the others: they are tried less and less often', async () => {
    const transport: Transport = ({ message }) => Promise.resolve({ status: refused.has(idOf(message)) ? 401 : 204, body: undefined });
    const messages = Array.from({ length: 5 }, () => messageOf());
    const refused = new Set(messages.slice(0, 4).map(idOf));
    const { outbox, pass, states } = await open([], {}, { transport });
    for (const message of messages) await outbox.enqueue(message);
    for (let round = 0; round < 10; round += 1) {
      await outbox.run();
      pass(minute);
    }

    expect(await states()).toEqual([...Array(4).fill('waiting'), 'replied']);
  });

  it('what surely did not arrive is tried again later, then less and less often, and is dead in the end; then retry begins anew', async () => {
    const { outbox, pass, stateOf, server } = await open([answer(503), answer(503), answer(503), answer(204)], { maxSends: 3 });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.run();
    expect(server.requests).toHaveLength(1);
    pass(2_500);
    await outbox.run();
    expect(server.requests).toHaveLength(2);
    pass(2_500);
    await outbox.run();
    expect(server.requests).toHaveLength(2);
    pass(2_500);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['dead', 'transport.status']);

    expect(await outbox.retry(id)).toBe(true);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });
});
