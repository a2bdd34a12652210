import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest } from '@fhir-messaging/netsmart';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createSandbox } from './index.ts';

const patient = { resourceType: 'Patient', id: 'amy-shaw' } as const;
const order = { resourceType: 'ServiceRequest', id: 'o1', status: 'active', intent: 'order', subject: { reference: 'Patient/amy-shaw' } } as const;

describe("the README's example", () => {
  it('loses a reply, and refers nobody twice', async () => {
    const sandbox = await createSandbox({ faults: ['drop-reply'] });
    const { access_token: token } = await sandbox.signIn();
    const transport = processMessageTransport({ baseUrl: sandbox.baseUrl, headers: { authorization: `Bearer ${token}` } });
    const messenger = createMessenger({ transport, source: 'https://app.example.org', identity: netsmart, peer: { reliableCacheMinutes: 60 } });
    const reply = await messenger.send(messenger.create(submitServiceRequest, { ServiceRequest: order, Patient: patient }));
    expect(reply.attempts).toBe(2);
    expect(sandbox.referrals.size).toBe(1);
    expect(sandbox.messages[0]?.payload.Patient.id).toBe('amy-shaw');
    await sandbox.close();
  });

  it('is the code above, to the letter', async () => {
    const [readme = '', own = ''] = await Promise.all(['../README.md', './readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const [, example = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
    const lines = example.split('\n').filter((line) => line !== '' && !line.includes('; // ') && !line.startsWith('import { createSandbox }'));

    expect(lines).toHaveLength(8);
    for (const line of lines) {
      expect(own).toContain(line);
    }
  });
});
