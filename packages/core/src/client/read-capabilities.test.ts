import { describe, expect, it } from 'vitest';
import { readCapabilities } from './read-capabilities.ts';

const canonical = 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message';
const http = { system: 'http://terminology.hl7.org/CodeSystem/message-transport', code: 'http' };

describe('readCapabilities: endpoints', () => {
  it('are those for HTTP, of all messaging blocks', () => {
    const messaging = [
      { endpoint: [{ protocol: http, address: 'https://a.example/r4' }, { protocol: { code: 'mllp' }, address: 'mllp:a.example' }] },
      { endpoint: [{ protocol: http, address: 'https://b.example/r4' }, { protocol: http }] },
    ];

    expect(readCapabilities({ messaging }).endpoints).toEqual(['https://a.example/r4', 'https://b.example/r4']);
  });

  it('are none where messages are only sent from', () => {
    const at = (address: string, mode: string): object => ({ endpoint: [{ protocol: { code: 'http' }, address }], supportedMessage: [{ mode, definition: 'https://example.org/MessageDefinition/a' }] });

    expect(readCapabilities({ messaging: [at('https://replies.example/in', 'sender'), at('https://a.example/r4', 'receiver')] }).endpoints).toEqual(['https://a.example/r4']);
  });
});

describe('readCapabilities: reliableCache, in minutes', () => {
  const receiver = [{ mode: 'receiver', definition: 'https://example.org/MessageDefinition/a' }];
  const sender = [{ mode: 'sender', definition: 'https://example.org/MessageDefinition/b' }];

  it.each([
    ['a block that says it', [{ reliableCache: 30, supportedMessage: receiver }], 30],
    ['a block that lists no events', [{ reliableCache: 30 }], 30],
    ['none, where it is not said', [{ supportedMessage: receiver }], undefined],
    ['none, where there is no messaging', [], undefined],
    ['the shortest of several', [{ reliableCache: 30, supportedMessage: receiver }, { reliableCache: 10, supportedMessage: receiver }], 10],
    ['none, where one of several does not say it', [{ reliableCache: 30, supportedMessage: receiver }, { supportedMessage: receiver }], undefined],
    ['none, where another one does not say it', [{ supportedMessage: receiver }, { reliableCache: 30, supportedMessage: receiver }], undefined],
    ['what a sender expects of others does not count', [{ reliableCache: 60, supportedMessage: sender }], undefined],
    ['nor beside what is taken', [{ reliableCache: 5, supportedMessage: sender }, { reliableCache: 30, supportedMessage: receiver }], 30],
    ['zero is what it is', [{ reliableCache: 0, supportedMessage: receiver }], 0],
    ['no number is nothing said', [{ reliableCache: '30', supportedMessage: receiver }], undefined],
    ['nor a negative one', [{ reliableCache: -1, supportedMessage: receiver }], undefined],
  ])('%s', (_, messaging, minutes) => {
    expect(readCapabilities({ messaging }).peer).toEqual({ reliableCacheMinutes: minutes });
  });
});

describe('readCapabilities: the operation', () => {
  it.each([
    ["HL7's definition", { name: 'x', definition: canonical }, true],
    ['of a version', { name: 'x', definition: `${canonical}|4.0.1` }, true],
    ['a definition of its own, by its name', { name: 'process-message', definition: '#own' }, true],
    ['the name as some write it', { name: '$process-message', definition: '#own' }, true],
    ['another operation', { name: 'validate', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate' }, false],
    ['one whose name begins so', { name: 'process-messages-later', definition: `${canonical}-later` }, false],
  ])('%s', (_, operation, offered) => {
    expect(readCapabilities({ rest: [{ mode: 'server', operation: [operation] }] }).processMessage).toBe(offered);
  });

  it('is not offered by a client', () => {
    expect(readCapabilities({ rest: [{ mode: 'client', operation: [{ name: 'process-message', definition: canonical }] }] }).processMessage).toBe(false);
  });
});

describe('readCapabilities: events', () => {
  it('are called by name where their definition is contained, in any release, and by its URL in any case', () => {
    const contained = [
      { resourceType: 'MessageDefinition', id: 'a', eventCoding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence' },
      { resourceType: 'MessageDefinition', id: 'b', eventUri: 'https://example.org/discharge', category: 'unheard-of' },
      { resourceType: 'Basic', id: 'c' },
    ];
    const supportedMessage = ['#a', '#b', '#c', 'https://example.org/MessageDefinition/d'].map((definition) => ({ mode: 'receiver', definition }));

    expect(readCapabilities({ contained, messaging: [{ supportedMessage }] }).events.map(({ definition, event, category }) => [definition, event?.coding?.code ?? event?.uri, category])).toEqual([
      ['#a', 'admit', 'consequence'],
      ['#b', 'https://example.org/discharge', undefined],
      ['#c', undefined, undefined],
      ['https://example.org/MessageDefinition/d', undefined, undefined],
    ]);
  });

  it('that say no mode or no definition are none', () => {
    expect(readCapabilities({ messaging: [{ supportedMessage: [{ mode: 'receiver' }, { definition: '#a' }, { mode: 'both', definition: '#a' }] }] }).events).toEqual([]);
  });
});

it.each([undefined, null, 'CapabilityStatement', [], { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] }])('readCapabilities refuses what is no CapabilityStatement, as a reader may resolve with it: %j', (came) => {
  expect(() => readCapabilities(came)).toThrow(expect.objectContaining({ code: 'reply.invalid' }));
});

it.each([{}, { messaging: 'x', rest: [null] }, { resourceType: 'CapabilityStatement' }])('readCapabilities takes nothing for granted: %j', (statement) => {
  expect(readCapabilities(statement)).toEqual({ endpoints: [], events: [], peer: { reliableCacheMinutes: undefined }, processMessage: false });
});
