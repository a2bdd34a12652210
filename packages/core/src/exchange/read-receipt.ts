import { isMessagingError, MessagingError, toIssues } from '../errors.ts';
import { member } from '../fhir/json.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { readReply } from '../message/read-reply.ts';
import { responseRequestOf } from '../message/response-request.ts';
import type { Reply, ReplyFacts } from './reply.ts';
import type { Receipt } from './transport.ts';

/** What a receipt is read against. */
export interface ReceiptContext {
  readonly message: Message;
  /** The ids of all attempts. */
  readonly ids: readonly MessageId[];
  readonly identity: IdentityStrategy;
  readonly attempts: number;
  /** Whether an earlier attempt may have arrived. */
  readonly mayHaveArrived: boolean;
}

/** Statuses that say that the message was not processed, and that a later attempt may be. */
const notNow: ReadonlySet<number> = new Set([408, 425, 429, 503]);

/**
 * What a receipt means, by the status table of the operation.
 *
 * @throws {MessagingError} where it says neither yes nor no: `transport.status`, `reply.invalid`, `reply.mismatch`, each with `delivery`.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#process} $process-message: status codes
 */
export function readReceipt(receipt: Receipt, context: ReceiptContext): Reply {
  const { status = 200 } = receipt;
  const { attempts, identity } = context;
  const value = valueOf(receipt.body);
  const facts: ReplyFacts = {
    issues: member(value, 'resourceType') === 'OperationOutcome' ? toIssues(value) : [],
    http: receipt.status === undefined ? undefined : { status: receipt.status, headers: receipt.headers ?? new Headers() },
    attempts,
  };
  if (status === identity.duplicateStatus) {
    return { ...facts, kind: 'accepted', duplicate: true };
  }
  if (receipt.custody === true || status === 202) {
    return { ...facts, kind: 'accepted', duplicate: false };
  }
  if (status === 204) {
    return { ...facts, kind: 'processed' };
  }
  if (status >= 200 && status < 300) {
    return readSuccess(receipt, facts, context);
  }
  if (status >= 400 && status < 500 && !notNow.has(status)) {
    return { ...facts, kind: 'refused', mayHaveArrived: context.mayHaveArrived };
  }
  throw new MessagingError('transport.status', `The server answered ${status}.`, { status, attempts, issues: facts.issues, delivery: notNow.has(status) ? 'no' : 'unknown' });
}

function readSuccess(receipt: Receipt, facts: ReplyFacts, context: ReceiptContext): Reply {
  const { message, ids, identity, attempts } = context;
  const { body } = receipt;
  if (body === undefined || facts.issues.length > 0) {
    if (!expectsReply(message)) {
      return { ...facts, kind: 'processed' };
    }
    const what = body === undefined ? 'nothing' : 'an OperationOutcome';
    throw new MessagingError('reply.invalid', `A reply message should have come back; ${what} did.`, { attempts, issues: facts.issues, delivery: 'yes' });
  }
  try {
    const { code, ...reading } = readReply(body, { request: message, ids, identity });
    return { ...facts, ...reading, kind: code };
  } catch (error) {
    if (!isMessagingError(error)) {
      throw error;
    }
    const delivery = error.code === 'reply.mismatch' ? 'unknown' : 'yes';
    throw new MessagingError(error.code, error.message, { attempts, issues: error.issues, delivery, cause: error });
  }
}

function expectsReply(message: Message): boolean {
  return responseRequestOf(Object(message.graph.header), message.event?.reply) !== 'never';
}

/** The body's JSON, or `undefined`: an error page is no reason to lose the status. */
function valueOf(body: Uint8Array | undefined): unknown {
  try {
    return body && JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
