import { errorIssue } from '../receive/process-result.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import { outcomeAnswer } from './outcome-answer.ts';

/** How a message's reply is asked for, by the URL that it is posted to. */
export interface AsyncParameters {
  readonly async: boolean;
  readonly responseUrl: string | undefined;
}

const onTheConnection: AsyncParameters = { async: false, responseUrl: undefined };

/**
 * Reads `async` and `response-url`.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: parameters
 */
export function asyncParameters({ url }: HttpRequest): AsyncParameters | HttpAnswer {
  const query = /\?[^#]*/.exec(url);
  if (query === null) {
    return onTheConnection;
  }
  const searchParams = new URLSearchParams(query[0]);
  const async = searchParams.get('async') ?? 'false';
  const [responseUrl, another] = searchParams.getAll('response-url');
  if (async !== 'true' && async !== 'false') {
    return outcomeAnswer(400, [errorIssue('value', 'http.async', 'async is true or false.')]);
  }
  if (another !== undefined) {
    return outcomeAnswer(400, [errorIssue('multiple-matches', 'http.response-url', 'A reply goes to one response-url; percent-encode what is in it.')]);
  }
  return { async: async === 'true', responseUrl };
}
