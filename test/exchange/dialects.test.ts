import { bars, createMessage, createReply, defineEvent, memoryPendingStore, messagesIn, readMessage } from '@fhir-messaging/core';
import type { Message, MessagingError } from '@fhir-messaging/core';
import type { Parameters } from 'fhir/r4';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { answer, messageOf, messengerTo } from './loopback.ts';
import type { Step } from './loopback.ts';
import { start } from './started.ts';

describe('NHS BaRS (booking-and-referral-fhir-api)', () => {
  const endpoint = 'http://fhir.nhs.uk/Id/dos-service-id|2000099999';
  const request = (): Message => messageOf('consequence', { destination: endpoint });
  const duplicate = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"duplicate","details":{"coding":[{"code":"REC_CONFLICT"}]}}]}';
  const transport = {
    contentType: 'application/fhir+json;version=1.0.0',
    headers: ({ message }: { message: Message }) => ({ 'X-Request-ID': message.bundle.id ?? '', 'X-Correlation-ID': 'c0ffee' }),
  };
  const options = { identity: bars, peer: { reliableCacheMinutes: 10 } };

  it('409 with the issue code duplicate, after a reply that was lost, is success', async () => {
    const lost: Step = (incoming) => void incoming.resume().on('end', () => incoming.socket.resetAndDestroy());
    const server = await start(lost, answer(409, duplicate));
    const { messenger } = messengerTo(server.url, options, transport);

    expect(await messenger.send(request())).toMatchObject({ kind: 'accepted', duplicate: true, attempts: 2, issues: [{ code: 'duplicate' }] });
  });

  it('409 with any other code is a refusal', async () => {
    const server = await start(answer(409, duplicate.replace('"duplicate"', '"conflict"')));

    expect((await messengerTo(server.url, options, transport).messenger.send(request())).kind).toBe('refused');
  });

  it.each([408, 429, 503, 504])('%s: sent again under the same X-Request-ID, to the byte, with the version in the content type', async (status) => {
    const bodies: string[] = [];
    const keep: Step = async (incoming, outgoing) => {
      bodies.push(await text(incoming));
      outgoing.writeHead(bodies.length === 1 ? status : 409).end(bodies.length === 1 ? undefined : duplicate);
    };
    const server = await start(keep);
    const message = request();
    await messengerTo(server.url, options, transport).messenger.send(message);

    expect(server.requests.map(({ url, headers }) => [url, headers['x-request-id'], headers['content-type']])).toEqual(
      [1, 2].map(() => ['/r4/$process-message', message.bundle.id, 'application/fhir+json;version=1.0.0']),
    );
    expect(bodies[1]).toBe(bodies[0]);
  });

  it('a reply quotes Bundle.id, and comes later without async having been asked for', async () => {
    const message = request();
    const server = await start(answer(202));
    const { messenger } = messengerTo(server.url, { ...options, pending: memoryPendingStore() }, transport);
    await messenger.send(message);
    const result = await messenger.accept(createReply(message, { source: endpoint, identity: bars }), { sender: endpoint });

    expect(result).toMatchObject({ kind: 'settled', reply: { kind: 'ok', matched: 'Bundle.id', matchedByRule: true } });
    expect(server.requests[0]?.url).toBe('/r4/$process-message');
  });

  it('200 with a message that has no response, as its samples show: processed, with a warning and what came', async () => {
    const theirs = messageOf();
    const server = await start(answer(200, new TextDecoder().decode(theirs.bytes)));
    const reply = await messengerTo(server.url, options, transport).messenger.send(request());

    expect(reply).toMatchObject({ kind: 'processed', issues: [{ severity: 'warning', rule: 'response.missing' }] });
    expect(reply.kind === 'processed' && reply.graph?.header?.id).toBe(theirs.graph.header?.id);
  });
});

describe('CDC vital records, VRDR (vital_records_fhir_messaging_ig)', () => {
  const submission = defineEvent({
    uri: 'http://nchs.cdc.gov/vrdr_submission',
    category: 'consequence',
    focus: ['Bundle'],
    payload: { Bundle: '1..1', Parameters: '0..1' },
  });
  const certificate = { resourceType: 'Bundle', type: 'document' } as const;
  const parameters: Parameters = { resourceType: 'Parameters', parameter: [{ name: 'jurisdiction_id', valueString: 'MA' }] };
  const nchs = 'http://nchs.cdc.gov/vrdr_submission';
  const submissionOf = (): Message => createMessage(submission, { Bundle: certificate, Parameters: parameters }, { source: 'https://mass.example', destination: nchs });

  /** A server that takes messages with 204, and gives what it replied since from its mailbox. */
  function mailbox() {
    const taken: Message[] = [];
    const outbox: Pick<Message, 'bundle'>[] = [];
    const step: Step = async (incoming, outgoing) => {
      if (incoming.method === 'POST') {
        taken.push(readMessage(await text(incoming)));
        outgoing.writeHead(204).end();
        return;
      }
      const entry = outbox.map(({ bundle }) => ({ resource: bundle }));
      outgoing.end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', entry }));
    };
    return { taken, outbox, step };
  }

  it('a submission is posted to the jurisdiction, 204 is custody, and its replies are polled: each is accepted once, one that is unsound hides none', async () => {
    const { taken, outbox, step } = mailbox();
    const server = await start(step);
    const { messenger } = messengerTo(server.url, { pending: memoryPendingStore() }, { path: 'MA/Bundle', accepts: { 204: 'accepted' } });
    const poll = async (): Promise<string[]> => {
      const response = await fetch(`${server.url}/MA/Bundle`);
      const results: string[] = [];
      const onUnsound = ({ code }: MessagingError): void => void results.push(code);
      for (const reply of messagesIn((await response.json()) as object, { onUnsound })) {
        const result = await messenger.accept(reply);
        results.push(result.kind === 'repeated' && result.another ? 'another' : result.kind);
      }
      return results;
    };
    const message = submissionOf();
    const sent = await messenger.send(message);

    expect(sent).toMatchObject({ kind: 'accepted', http: { status: 204 } });
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/r4/MA/Bundle' });
    expect(taken[0]?.graph.header).toMatchObject({ eventUri: 'http://nchs.cdc.gov/vrdr_submission' });
    expect(await poll()).toEqual([]);

    const unsound = { bundle: { ...createReply(taken[0]!, { source: nchs }).bundle, entry: [] } };
    outbox.push(unsound, createReply(taken[0]!, { source: nchs }), createReply(submissionOf(), { source: nchs }));
    expect(await poll()).toEqual(['message.invalid', 'settled', 'unknown']);
    expect(await (sent.kind === 'accepted' ? sent.later : undefined)).toMatchObject({ kind: 'ok', matched: 'MessageHeader.id', matchedByRule: true });

    outbox.push(createReply(taken[0]!, { source: nchs, focus: [{ resourceType: 'Parameters' }] }));
    expect(await poll()).toEqual(['message.invalid', 'repeated', 'unknown', 'another']);
  });

  it('without that option 204 is what the operation says: processed', async () => {
    const server = await start(answer(204));

    expect((await messengerTo(server.url, {}, { path: 'MA/Bundle' }).messenger.send(submissionOf())).kind).toBe('processed');
  });
});
