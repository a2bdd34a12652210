import { describe, expect, it } from 'vitest';
import { accessPolicy, basicCredentials, clientApplication, messagePostUrl, topicSubscription } from './subscription-channel.ts';

const baseUrl = 'https://fhir.example.org/w/tenant/api/v1/fhir/r4/';

describe("what ties a Subscription to a topic, where IGUHealth's published text has it otherwise", () => {
  it('a policy names its client in an object in a list', () => {
    expect(accessPolicy('poster', 'c1', { engine: 'full-access' })).toEqual({
      resourceType: 'AccessPolicyV2',
      name: 'poster',
      engine: 'full-access',
      target: [{ link: { reference: 'ClientApplication/c1' } }],
    });
  });

  it('a client has one response type, and a list of grant types', () => {
    expect(clientApplication('poster', 's3cret')).toEqual({ resourceType: 'ClientApplication', name: 'poster', secret: 's3cret', grantType: ['basic_auth'], responseTypes: 'token' });
  });

  it('the Subscription posts to the operation, with the credentials themselves and not the text of the template', () => {
    expect(topicSubscription({ criteria: 'Patient', reason: 'Post', baseUrl, topicId: 't1', clientId: 'c1', secret: 's3cret' })).toEqual({
      resourceType: 'Subscription',
      status: 'active',
      reason: 'Post',
      criteria: 'Patient',
      channel: { type: 'message', header: [`Authorization: Basic ${btoa('c1:s3cret')}`], endpoint: 'https://fhir.example.org/w/tenant/api/v1/fhir/r4/MessageTopic/t1/$message-post' },
    });
  });

  it('credentials are UTF-8 (RFC 7617), and hold no second colon, at which the product cuts a header off', () => {
    const value = basicCredentials('c1', 'pässwörd:€');
    expect(value.split(':')).toHaveLength(1);
    expect(new TextDecoder().decode(Uint8Array.from(atob(value.slice('Basic '.length)), (character) => character.charCodeAt(0)))).toBe('c1:pässwörd:€');
  });

  it('an id is one segment of the URL', () => {
    expect(messagePostUrl(baseUrl, 'a/b')).toBe('https://fhir.example.org/w/tenant/api/v1/fhir/r4/MessageTopic/a%2Fb/$message-post');
  });
});
