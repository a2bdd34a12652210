import { createMessage, readReply } from '@fhir-messaging/core';
import type { ResponseCode, ResponseRequest } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import { describe, expect, it } from 'vitest';
import { admit, source } from './admission.ts';

/** What is answered to a message that asks so, where its handler says so: the status, and the reply's code or the code of the issue. */
async function answered(request: ResponseRequest | undefined, code: ResponseCode): Promise<readonly [number, string]> {
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: request }];
  const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org', ...(request && { header: { extension } }) });
  const handler = httpHandler(createReceiver({ source }).on(admit, () => ({ code })));
  const response = await handler(new Request(source, { method: 'POST', body: message.bytes, headers: { 'content-type': 'application/fhir+json' } }));
  const text = await response.text();
  if (text === '') return [response.status, 'nothing'];
  const body = JSON.parse(text) as { resourceType: string; issue?: { code: string }[] };
  return [response.status, body.resourceType === 'Bundle' ? `reply ${readReply(text, { request: message }).code}` : `issue ${body.issue?.[0]?.code ?? ''}`];
}

describe('messageheader-response-request, on the receiving side', () => {
  it.each<readonly [ResponseRequest | undefined, ResponseCode, number, string]>([
    ['always', 'ok', 200, 'reply ok'],
    ['always', 'fatal-error', 200, 'reply fatal-error'],
    ['always', 'transient-error', 200, 'reply transient-error'],
    ['on-error', 'ok', 204, 'nothing'],
    ['on-error', 'fatal-error', 200, 'reply fatal-error'],
    ['on-error', 'transient-error', 200, 'reply transient-error'],
    ['on-success', 'ok', 200, 'reply ok'],
    ['on-success', 'fatal-error', 422, 'issue processing'],
    ['on-success', 'transient-error', 503, 'issue transient'],
    ['never', 'ok', 204, 'nothing'],
    ['never', 'fatal-error', 422, 'issue processing'],
    ['never', 'transient-error', 503, 'issue transient'],
    [undefined, 'ok', 200, 'reply ok'],
  ])('%s, %s: %i, %s', async (request, code, status, expected) => {
    expect(await answered(request, code)).toEqual([status, expected]);
  });
});
