import { createMessage, defineEvent, isMessagingError, readMessage } from '@fhir-messaging/core';
import type { Message, Release, ResponseRequest, SendOptions } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { admission, answer, messageOf, messengerTo, serve, source, startServer } from './loopback.ts';
import type { Step } from './loopback.ts';

const url = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';

/** Sends to a real receiver, whose handler finds the message right or wrong. */
async function exchange(message: Message, how: SendOptions, outcome: 'ok' | 'error') {
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admission(), () => (outcome === 'ok' ? undefined : { code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule' }] }));
  const server = await startServer(serve(httpHandler(receiver)));
  try {
    const reply = await messengerTo(server.url).messenger.send(message, how);
    return `${reply.http?.status} ${reply.kind}`;
  } finally {
    await server.stop();
  }
}

describe('the response-request table (extension messageheader-response-request)', () => {
  it.each<[ResponseRequest, 'ok' | 'error', string]>([
    ['always', 'ok', '200 ok'],
    ['always', 'error', '200 fatal-error'],
    ['on-error', 'ok', '204 processed'],
    ['on-error', 'error', '200 fatal-error'],
    ['on-success', 'ok', '200 ok'],
    ['on-success', 'error', '422 refused'],
    ['never', 'ok', '204 processed'],
    ['never', 'error', '422 refused'],
  ])('%s, outcome %s: %s', async (responseRequest, outcome, expected) => {
    expect(await exchange(messageOf(), { responseRequest }, outcome)).toBe(expected);
  });

  it.each<[ResponseRequest, string]>([
    ['always', 'reply.invalid'],
    ['on-success', 'reply.invalid'],
    ['on-error', 'processed'],
    ['never', 'processed'],
  ])('%s, and an empty 200: %s', async (responseRequest, expected) => {
    const server = await startServer(answer(200));
    try {
      const sending = messengerTo(server.url).messenger.send(messageOf(), { responseRequest });

      expect(await sending.then(({ kind }) => kind, (error: unknown) => (isMessagingError(error) ? error.code : error))).toBe(expected);
    } finally {
      await server.stop();
    }
  });
});

describe('send({ responseRequest })', () => {
  const eventOf = (reply: ResponseRequest) => defineEvent({ uri: 'https://example.org/admit', category: 'notification', focus: ['Patient'], payload: { Patient: '1..1' }, reply });

  /** The message as it arrives. */
  async function arriving(message: Message, how: SendOptions): Promise<Message> {
    const bodies: string[] = [];
    const keep: Step = async (incoming, outgoing) => {
      bodies.push(await text(incoming));
      outgoing.writeHead(204).end();
    };
    const server = await startServer(keep);
    try {
      await messengerTo(server.url).messenger.send(message, how);
      return readMessage(bodies[0]!);
    } finally {
      await server.stop();
    }
  }

  it.each<Release>(['R4', 'R4B', 'R5'])('%s: writes the extension into the header, under the same ids; the rest stays, and the message that was given does', async (release) => {
    const message = messageOf('consequence', { release, header: { extension: [{ url: 'https://example.org/other', valueCode: 'x' }] } });
    const before = JSON.stringify(message.bundle);
    const arrived = await arriving(message, { responseRequest: 'on-error' });

    expect(arrived.bundle).toEqual({
      ...message.bundle,
      entry: message.bundle.entry?.map((entry, position) =>
        position > 0 ? entry : { ...entry, resource: { ...entry.resource, extension: [{ url: 'https://example.org/other', valueCode: 'x' }, { url, valueCode: 'on-error' }] } },
      ),
    });
    expect(arrived.identity).toEqual(message.identity);
    expect(JSON.stringify(message.bundle)).toBe(before);
  });

  it('takes the place of what the message said', async () => {
    const message = messageOf('consequence', { header: { extension: [{ url, valueCode: 'always' }] } });
    const arrived = await arriving(message, { responseRequest: 'never' });

    expect(arrived.graph.header?.extension).toEqual([{ url, valueCode: 'never' }]);
  });

  it.each([
    ['no extension', '', `"extension":[{"url":"${url}","valueCode":"never"}],`],
    ['another one', '"extension":[ {"url":"https://a.example/x","valueDecimal":1.10} ],', `"extension":[ {"url":"https://a.example/x","valueDecimal":1.10} ,{"url":"${url}","valueCode":"never"}],`],
    ['one that says otherwise', `"extension":[{"valueCode":"always","url":"${url}"},{"url":"https://a.example/x","valueDecimal":1.10}],`, `"extension":[{"url":"${url}","valueCode":"never"},{"url":"https://a.example/x","valueDecimal":1.10}],`],
  ])('a message that was read, with %s, is forwarded to the byte but for the extension', async (_, given, expected) => {
    const textOf = (extension: string): string =>
      `{"resourceType":"Bundle","type":"message","entry":[ {"fullUrl":"urn:uuid:h","resource":{${extension}"resourceType":"MessageHeader","eventUri":"https://example.org/admit","source":{"endpoint":"https://a.example"}}}], "total" : 1.10}`;
    const arrived = await arriving(readMessage(textOf(given)), { responseRequest: 'never' });

    expect(new TextDecoder().decode(arrived.bytes)).toBe(textOf(expected));
  });

  it('sends the very bytes of a message that says so already', async () => {
    const message = messageOf('consequence', { header: { extension: [{ url, valueCode: 'never' }] } });

    expect((await arriving(message, { responseRequest: 'never' })).bytes).toEqual(message.bytes);
  });

  it('sent again, it is the same to the byte', async () => {
    const message = messageOf();

    expect((await arriving(message, { responseRequest: 'never' })).bytes).toEqual((await arriving(message, { responseRequest: 'never' })).bytes);
  });

  it('without it nothing is written: what the event says both sides know', async () => {
    const message = createMessage(eventOf('never'), { Patient: { resourceType: 'Patient' } }, { source });

    expect((await arriving(message, {})).bytes).toEqual(message.bytes);
  });
});
