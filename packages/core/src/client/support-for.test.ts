import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { readCapabilities } from './read-capabilities.ts';
import { supportFor } from './support-for.ts';

const coding = { system: 'https://example.org/events', code: 'admit' };
const event = defineEvent({ coding, category: 'consequence', focus: [], payload: { Patient: '1..1' } });
const rest = [{ mode: 'server', operation: [{ name: 'process-message', definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message' }] }];
const contained = [
  { resourceType: 'MessageDefinition', id: 'admit', eventCoding: coding, category: 'consequence' },
  { resourceType: 'MessageDefinition', id: 'notice', eventCoding: coding, category: 'notification' },
  { resourceType: 'MessageDefinition', id: 'other', eventCoding: { ...coding, code: 'discharge' } },
];
const messaging = (...supportedMessage: readonly object[]): readonly object[] => [{ reliableCache: 30, supportedMessage }];
const takes = (definition: string): object => ({ mode: 'receiver', definition });

describe('supportFor: whether an event can be sent here (CapabilityStatement.messaging)', () => {
  it.each([
    ['it takes the event', { rest, contained, messaging: messaging(takes('#other'), takes('#admit')) }, 'yes', undefined],
    ['it has an endpoint instead of the operation', { contained, messaging: [{ endpoint: [{ protocol: { code: 'http' }, address: 'https://a.example' }], supportedMessage: [takes('#admit')] }] }, 'yes', undefined],
    ['it takes the event, and has neither', { contained, messaging: messaging(takes('#admit')) }, 'unknown', /takes admit, and does not say where: .*neither \$process-message nor an endpoint/],
    ['it takes other events, and has neither', { contained, messaging: messaging(takes('#other')) }, 'no', /neither \$process-message nor an endpoint/],
    ['it says nothing', {}, 'no', /neither/],
    ['it takes other events', { rest, contained, messaging: messaging(takes('#other')) }, 'no', /does not list admit among the 1 events/],
    ['it sends the event', { rest, contained, messaging: messaging({ mode: 'sender', definition: '#admit' }, takes('#other')) }, 'no', /does not list admit/],
    ['it takes it as another category', { rest, contained, messaging: messaging(takes('#notice')) }, 'no', /as a notification, not as a consequence/],
    ['it lists no events', { rest }, 'unknown', /does not list which/],
    ['it names some by their definition alone', { rest, contained, messaging: messaging(takes('#other'), takes('https://example.org/MessageDefinition/x')) }, 'unknown', /1 of the events/],
  ])('%s', (_says, statement, supported, reason) => {
    const answer = supportFor(event, readCapabilities(statement));

    expect(answer.supported).toBe(supported);
    if (reason === undefined) expect(answer.reason).toBeUndefined();
    else expect(answer.reason).toMatch(reason);
  });

  it('goes by the definition that fits, of several', () => {
    expect(supportFor(event, readCapabilities({ rest, contained, messaging: messaging(takes('#notice'), takes('#admit')) })).supported).toBe('yes');
  });

  it('hands on the endpoints, and the peer for the messenger', () => {
    const endpoint = [{ protocol: { code: 'http' }, address: 'https://a.example' }];

    expect(supportFor(event, readCapabilities({ contained, messaging: [{ endpoint, reliableCache: 30, supportedMessage: [takes('#admit')] }] }))).toEqual({
      supported: 'yes',
      reason: undefined,
      endpoints: ['https://a.example'],
      peer: { reliableCacheMinutes: 30 },
    });
  });
});
