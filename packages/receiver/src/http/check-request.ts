import type { IssueCode } from '@fhir-messaging/core';
import { errorIssue } from '../receive/process-result.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import { acceptsJson, bodyKind } from './media-type.ts';
import { outcomeAnswer } from './outcome-answer.ts';

/** The refusal of a request by its headers, before its body is read. */
export function checkRequest(request: HttpRequest): HttpAnswer | undefined {
  const kind = bodyKind(request.header('content-type'));
  if (kind === 'xml') {
    return refusal(415, 'not-supported', 'http.content-type', 'XML is not read here. Send the message as application/fhir+json.');
  }
  if (kind === 'other') {
    return refusal(415, 'not-supported', 'http.content-type', 'Send the message as application/fhir+json, in UTF-8.');
  }
  if ((request.header('content-encoding') ?? 'identity').trim().toLowerCase() !== 'identity') {
    return refusal(415, 'not-supported', 'http.content-encoding', 'Send the message without a content encoding.', { 'accept-encoding': 'identity' });
  }
  if (!acceptsJson(request.header('accept'))) {
    return refusal(406, 'not-supported', 'http.accept', 'Replies are application/fhir+json, which the Accept header rules out.');
  }
  return undefined;
}

/** The refusal of any method but POST. */
export function checkMethod({ method }: HttpRequest): HttpAnswer | undefined {
  return method === 'POST'
    ? undefined
    : refusal(405, 'not-supported', 'http.method', 'A message is sent by POST.', { allow: 'POST' });
}

function refusal(status: number, code: IssueCode, rule: string, diagnostics: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return outcomeAnswer(status, [errorIssue(code, rule, diagnostics)], headers);
}
