import { createMessage, createMessenger, defineEvent } from '@fhir-messaging/core';
import type { Transport } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { scopeCheck } from './scope-check.ts';
import type { SmartClient } from './smart-client.ts';

const event = defineEvent({
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'notification',
  focus: ['Patient'],
  payload: { Patient: '1..1' },
  scopes: ['patient/Messaging.write', 'user/Messaging.write'],
});
const message = createMessage(event, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const granted = (scope: string): SmartClient => ({
  state: { serverUrl: 'https://ehr.example.org/r4', tokenResponse: { scope } },
  getAuthorizationHeader: () => null,
  refreshIfNeeded: () => Promise.resolve(),
});
const diagnostics = 'No scope of this event was granted: patient/Messaging.write, user/Messaging.write.';

describe('scopeCheck', () => {
  it.each(['user/Messaging.write', 'launch user/*.cruds'])('is content with %s', async (scope) => {
    expect(await scopeCheck(granted(scope), { required: true })(message)).toEqual([]);
  });

  it('asks anew for each message: a token may be renewed with other scopes', async () => {
    const client = { ...granted('openid') };
    const check = scopeCheck(client);

    expect(await check(message)).toHaveLength(1);
    Object.assign(client, granted('user/Messaging.write'));
    expect(await check(message)).toEqual([]);
  });

  it('has nothing to say of a message without an event', async () => {
    expect(await scopeCheck(granted(''), { required: true })({ ...message, event: undefined })).toEqual([]);
  });

  it('warns before the message is sent, and lets it go', async () => {
    const order: unknown[] = [];
    const transport: Transport = () => {
      order.push('sent');
      return Promise.resolve({ status: 202, body: undefined });
    };
    const check = scopeCheck(granted('openid'), { onMissing: (missing, of) => order.push(missing, of) });

    expect(await check(message)).toEqual([{ severity: 'warning', code: 'forbidden', rule: 'scope.missing', diagnostics }]);
    order.length = 0;
    expect((await createMessenger({ transport, check }).send(message)).kind).toBe('accepted');
    expect(order).toEqual([event.scopes, message, 'sent']);
  });

  it.each<[says: string, onMissing: () => unknown]>([
    ['throws', () => { throw new Error('no banner'); }],
    ['rejects', () => Promise.reject(new Error('no banner'))],
  ])('warns and sends all the same where onMissing %s', async (_, onMissing) => {
    const transport: Transport = () => Promise.resolve({ status: 202, body: undefined });
    const check = scopeCheck(granted('openid'), { onMissing });

    expect((await createMessenger({ transport, check }).send(message)).kind).toBe('accepted');
  });

  it('keeps it here where the scope is required', async () => {
    let sent = 0;
    const transport: Transport = () => Promise.resolve({ status: 202, body: undefined, custody: (sent += 1) > 0 });
    const messenger = createMessenger({ transport, check: scopeCheck(granted('openid'), { required: true }) });

    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'message.invalid', issues: [{ severity: 'error', rule: 'scope.missing', diagnostics }] });
    expect(sent).toBe(0);
  });
});
