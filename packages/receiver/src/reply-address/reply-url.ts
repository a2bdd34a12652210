import { messageUrl } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { sourceAddress } from './source-address.ts';

/**
 * Where the reply to a message is posted: its `response-url` as given, else `$process-message` at its source; both with `async=true`.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: `response-url`
 */
export function replyUrl(message: Message, responseUrl: string | undefined): string {
  return responseUrl === undefined ? atSource(sourceAddress(message)) : withAsync(responseUrl);
}

/** The operation's URL at a source; an address that is no URL stays as it is, and the check of addresses refuses it. */
function atSource(address: string): string {
  return URL.canParse(address) ? messageUrl({ baseUrl: withoutFragment(address), path: '$process-message', async: true }) : address;
}

function withAsync(address: string): string {
  const given = withoutFragment(address);
  if (!URL.canParse(given) || new URL(given).searchParams.get('async') === 'true') {
    return given;
  }
  return `${given}${given.includes('?') ? '&' : '?'}async=true`;
}

function withoutFragment(address: string): string {
  return address.split('#', 1)[0] ?? '';
}
