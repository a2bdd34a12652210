import { errorIssue } from '../receive/process-result.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { fhirJson, outcomeAnswer } from './outcome-answer.ts';

/**
 * Says who sends a request, by its headers; its body is not to be read.
 *
 * A name lets the request in; it has to be stable, since message ids count within it. A Response, 401 or 403 as a rule, is sent as the answer;
 * `undefined` and an empty name are answered with 401.
 */
export type Authenticate = (request: Request) => string | Response | undefined | Promise<string | Response | undefined>;

/** Statuses of answers that have none. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/** The sender's name, or the answer to a request that is not let in: with an OperationOutcome where the application's has no body. */
export async function authenticated(request: Request, authenticate: Authenticate): Promise<string | HttpAnswer | Response> {
  const answer = await authenticate(request);
  if (typeof answer === 'string' && answer !== '') {
    return answer;
  }
  if (!(answer instanceof Response)) {
    return outcomeAnswer(401, [errorIssue('login', 'http.authentication', 'Say who you are.')], { 'www-authenticate': 'Bearer' });
  }
  if (answer.body !== null || withoutBody.has(answer.status)) {
    return answer;
  }
  const code = answer.status === 401 ? 'login' : 'forbidden';
  const outcome = outcomeAnswer(answer.status, [errorIssue(code, 'http.authentication', 'You are not let in.')]);
  const headers = new Headers(answer.headers);
  headers.set('content-type', fhirJson);
  headers.delete('content-length');
  return new Response(outcome.body ?? null, { status: answer.status, headers });
}
