import { isError, toIssues } from '@fhir-messaging/core';
import type { Message, OwnCheck } from '@fhir-messaging/core';
import { checkEach } from './in-message.ts';

/** Checks a message's resources by a server's `$validate`, against the profiles that it knows; without an answer the message is not sent. */
export function serverCheck({ baseUrl, fetch: send = fetch, headers = {} }: { readonly baseUrl: string; readonly fetch?: typeof fetch; readonly headers?: Record<string, string> }): OwnCheck {
  return (message: Message) =>
    checkEach(message, async (resource) => {
      const response = await send(`${baseUrl}/${resource.resourceType}/$validate`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
        body: JSON.stringify(resource),
      });
      // What is no JSON, such as the page of a proxy, is no answer, and nothing of it is said.
      const answer = (await response.json().catch(() => undefined)) as { readonly resourceType?: unknown } | null | undefined;
      const issues = answer?.resourceType === 'OperationOutcome' ? toIssues(answer) : undefined;
      // A server answers 200 whatever it found; one that cannot validate answers an error.
      return issues && (response.ok || issues.some(isError)) ? issues : [{ severity: 'error', code: 'processing', rule: 'validate.unanswered', diagnostics: `The server answered $validate with ${response.status}.` }];
    });
}
