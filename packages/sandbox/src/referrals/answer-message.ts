import { missingScopes, toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { httpHandler } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import type { Fault, FaultKind } from '../faults/fault.ts';
import type { FaultSource } from '../faults/fault-switches.ts';
import type { Sleep } from '../faults/sleep.ts';
import { outcome } from '../http/outcome.ts';
import { isJsonObject, objectsIn } from '../json-object.ts';
import { bearerOf, grantOfRequest, insufficientScope } from '../launch/bearer.ts';
import type { Grants } from '../launch/grants.ts';
import type { ArrivalLog } from './arrival-log.ts';
import { readArrival } from './read-arrival.ts';

/** The parts that answer a message. */
export interface MessageContext {
  readonly receiver: Receiver;
  readonly grants: Grants;
  readonly faults: FaultSource;
  readonly arrivals: ArrivalLog;
  readonly sleep: Sleep;
  /** Aborts when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** The faults that keep a message from being processed, and those that spoil the answer to one that was. */
const refusing: readonly FaultKind[] = ['unavailable', 'throttled', 'refused', 'expired-token', 'ended-session'];
const answering: readonly FaultKind[] = ['delay', 'drop-reply', 'unreadable-reply', 'accepted'];

/**
 * Answers one request to `$process-message`, with the fault that is switched on.
 *
 * @returns the answer, or `undefined` where its connection is to be broken off.
 */
export async function answerMessage(request: Request, context: MessageContext): Promise<Response | undefined> {
  const { grants, faults, arrivals } = context;
  const token = bearerOf(request);
  const sender = token === undefined ? undefined : grants.grantOf(token)?.clientId;
  const arrival = arrivals.next();
  const read = request
    .clone()
    .text()
    .then(readArrival, () => readArrival(''));
  const refusal = faults.take(refusing, answering);
  if (refusal?.kind === 'expired-token' && token !== undefined) {
    grants.expire(token);
  }
  if (refusal?.kind === 'ended-session' && token !== undefined) {
    grants.endSession(token);
  }
  const response = refusalBy(refusal) ?? (await handle(request, context));
  const fault = refusal ?? (response.ok ? faults.take(answering) : undefined);
  const body = await response.text();
  if (fault?.kind === 'delay') {
    await context.sleep(fault.delayMs ?? 5000, AbortSignal.any([request.signal, context.closing]));
  }
  const isDropped = fault?.kind === 'drop-reply';
  const content = await read;
  arrivals.add({ ...arrival, ...content, issues: [...content.issues, ...issuesIn(body)], sender, status: isDropped ? undefined : fault?.kind === 'accepted' ? 202 : response.status, fault: fault?.kind });
  return isDropped ? undefined : answerBy(fault, response, body);
}

/** The answer as a fault leaves it. */
function answerBy(fault: Fault | undefined, { status, headers }: Response, body: string): Response {
  switch (fault?.kind) {
    case 'unreadable-reply':
      return new Response('A fault of the sandbox: no JSON.', { status, headers });
    case 'accepted':
      return new Response(null, { status: 202 });
    default:
      return new Response(body === '' ? null : body, { status, headers });
  }
}

function handle(request: Request, { receiver, grants }: MessageContext): Promise<Response> {
  const authenticate = (): string | Response => {
    const grant = grantOfRequest(request, grants);
    if (grant instanceof Response) {
      return grant;
    }
    return missingScopes(grant.scope, submitServiceRequest).length > 0 ? insufficientScope('user/Messaging.write') : grant.clientId;
  };
  return httpHandler(receiver, { authenticate })(request);
}

function refusalBy(fault: Fault | undefined): Response | undefined {
  const { kind, retryAfterSeconds = 1 } = fault ?? {};
  const headers: Readonly<Record<string, string>> = retryAfterSeconds > 0 ? { 'retry-after': String(retryAfterSeconds) } : {};
  switch (kind) {
    case 'unavailable':
      return outcome(503, 'transient', 'A fault of the sandbox: not processed.', headers);
    case 'throttled':
      return outcome(429, 'throttled', 'A fault of the sandbox: too many requests.', headers);
    case 'refused':
      return outcome(422, 'business-rule', 'A fault of the sandbox: refused, and not processed.');
    default:
      return undefined;
  }
}

/** The issues in an answer: of an OperationOutcome, or of one in a reply message. */
function issuesIn(body: string): readonly Issue[] {
  if (body === '') {
    return [];
  }
  const answer: unknown = JSON.parse(body);
  const resources = isJsonObject(answer) && answer['resourceType'] === 'Bundle' ? objectsIn(answer['entry']).map(({ resource }) => resource) : [answer];
  return resources.filter((resource) => isJsonObject(resource) && resource['resourceType'] === 'OperationOutcome').flatMap(toIssues);
}
