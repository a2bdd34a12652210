import { bars, r4, r5 } from '@fhir-messaging/core';
import type { IdentityStrategy, Message, Release } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import { describe, expect, it } from 'vitest';
import { admission, dropReply, messageOf, messengerTo, serve, startServer } from './loopback.ts';
import type { Step } from './loopback.ts';

/** Sends to a receiver of the same, or another, strategy, which loses its first reply. */
async function exchange(message: Message, sending: IdentityStrategy, receiving = sending) {
  let runs = 0;
  const receiver = createReceiver({ source: 'https://ward.example.org', identity: receiving }).on(admission(), () => {
    runs += 1;
  });
  const handler = httpHandler(receiver);
  const steps: Step[] = [dropReply(handler), serve(handler)];
  const server = await startServer(...steps);
  try {
    const { messenger } = messengerTo(server.url, { identity: sending, peer: { reliableCacheMinutes: 10 } });
    const reply = await messenger.send(message);
    return { reply, runs };
  } finally {
    await server.stop();
  }
}

describe('identity strategies, on both sides of a lost reply', () => {
  it.each<[IdentityStrategy, Release, string]>([
    [r4, 'R4', 'MessageHeader.id'],
    [r4, 'R4B', 'MessageHeader.id'],
    [r5, 'R5', 'Bundle.identifier'],
    [netsmart, 'R4', 'Bundle.id'],
  ])('$name, %s: the one reply quotes %s, by the rule', async (strategy, release, matched) => {
    const { reply, runs } = await exchange(messageOf('consequence', { release }), strategy);

    expect(reply).toMatchObject({ kind: 'ok', attempts: 2, matched, matchedByRule: true });
    expect(runs).toBe(1);
  });

  it('one that names messages by what R4 does not write: by the identifier that the message was made with', async () => {
    const own: IdentityStrategy = { ...r4, name: 'own', message: ['Bundle.identifier'], replyQuotes: ['Bundle.identifier'] };
    const identifier = { system: 'https://app.example.org/messages', value: 'M-1' };
    const { reply, runs } = await exchange(messageOf('consequence', { bundle: { identifier } }), own);

    expect(reply).toMatchObject({ kind: 'ok', attempts: 2, matched: 'Bundle.identifier', matchedByRule: true });
    expect(runs).toBe(1);
    await expect(exchange(messageOf(), own)).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown', attempts: 1 });
  });

  it('bars: the duplicate is answered with 409, which is success', async () => {
    const { reply, runs } = await exchange(messageOf(), bars);

    expect(reply).toMatchObject({ kind: 'accepted', duplicate: true, http: { status: 409 }, attempts: 2 });
    expect(runs).toBe(1);
  });

  it('a peer that quotes another id than the rule is understood, and said to', async () => {
    const { reply } = await exchange(messageOf(), r4, netsmart);

    expect(reply).toMatchObject({ kind: 'ok', matched: 'Bundle.id', matchedByRule: false });
  });

  it('netsmart: updates of one referral, under one RESTful fullUrl, are messages of their own', async () => {
    let runs = 0;
    const receiver = createReceiver({ source: 'https://ward.example.org', identity: netsmart }).on(admission(), () => {
      runs += 1;
    });
    const underOneUrl = ({ bundle }: Message): object => {
      const [header, ...rest] = bundle.entry ?? [];
      return { ...bundle, entry: [{ ...header, fullUrl: 'https://fhir.example.org/MessageHeader/123456' }, ...rest] };
    };
    await receiver.process(underOneUrl(messageOf()));
    const result = await receiver.process(underOneUrl(messageOf()));

    expect(result.status).toBe(200);
    expect(runs).toBe(2);
  });
});
