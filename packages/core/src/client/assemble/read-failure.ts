import { isMessagingError, MessagingError, toIssues } from '../../errors.ts';
import type { IssueCode } from '../../fhir/codes.ts';
import { member } from '../../fhir/json.ts';

const byStatus: Readonly<Record<number, IssueCode>> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  410: 'deleted',
  429: 'throttled',
  501: 'not-supported',
  504: 'timeout',
};

/** FHIR's code for why a read failed, by the error's status, the OperationOutcome that it carries, or its kind. */
export function failureOf(error: unknown): IssueCode {
  const status = statusOf(error);
  if (status !== undefined) {
    return failureByStatus(status);
  }
  const kind = error instanceof Error ? error.name : '';
  // An abort of the reader's own is none of the caller's: the reader is broken.
  if (kind === 'AbortError') return 'exception';
  return kind === 'TimeoutError' ? 'timeout' : (toIssues(error)[0]?.code ?? 'exception');
}

/** FHIR's code for a status that is no success. */
export function failureByStatus(status: number): IssueCode {
  return byStatus[status] ?? (status >= 400 && status < 500 ? 'not-supported' : 'exception');
}

/** Whether a failure concerns one resource alone. */
export function isOfOneResource(failure: IssueCode): boolean {
  return ['forbidden', 'not-found', 'deleted', 'timeout'].includes(failure);
}

/** Whether a failure ends the assembling: the session is over, the server is not well or asks for rest, or the reader itself is broken. */
export function endsAssembling(failure: IssueCode): boolean {
  return ['login', 'expired', 'throttled', 'transient', 'exception', 'unknown'].includes(failure);
}

/** The error of a read that ends the assembling. A client's or a server's own words may quote the record: they are not passed on. */
export function endOf(error: unknown): MessagingError {
  const status = statusOf(error);
  if (isMessagingError(error)) {
    return new MessagingError(error.code, error.message, { status });
  }
  const failure = failureOf(error);
  const isSessionOver = failure === 'login' || failure === 'expired';
  const code = status === undefined ? 'transport.failed' : 'transport.status';
  return new MessagingError(isSessionOver ? 'session.expired' : code, `A read failed with: ${status ?? (error instanceof Error ? error.name : failure)}.`, { status });
}

/** The HTTP status that an error carries itself, or that its `response` has, as axios and fhir-kit-client give it. */
function statusOf(error: unknown): number | undefined {
  const status = member(error, 'status') ?? member(member(error, 'response'), 'status');
  return typeof status === 'number' && status >= 100 ? status : undefined;
}
