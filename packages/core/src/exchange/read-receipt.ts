import { MessagingError } from '../errors.ts';
import { isError } from '../fhir/issue.ts';
import type { Issue } from '../fhir/issue.ts';
import { identityOf, isSameId } from '../message/identity.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { safeReadMessage } from '../message/read-message.ts';
import type { ReadResult } from '../message/read-message.ts';
import { isReply, readReply } from '../message/read-reply.ts';
import { expectsReply } from './expects-reply.ts';
import { messageReply } from './message-reply.ts';
import { issuesIn, readOperationOutcome } from './read-operation-outcome.ts';
import type { Reply, ReplyFacts } from './reply.ts';
import type { Receipt } from './transport.ts';

/** The send that a receipt is read against. */
export interface ReceiptContext {
  readonly message: Message;
  /** The ids of all attempts. */
  readonly ids: readonly MessageId[];
  readonly identity: IdentityStrategy;
  readonly attempts: number;
  /** Whether an earlier attempt may have arrived. */
  readonly mayHaveArrived: boolean;
  /** Whether an asynchronous exchange was asked for. */
  readonly async?: boolean | undefined;
}

/** Statuses that say that the message was not processed, and that a later attempt may be. */
const notNow: ReadonlySet<number> = new Set([408, 425, 429, 503]);

/**
 * The meaning of a receipt, by the status table of the operation.
 *
 * @throws {MessagingError} where it says neither yes nor no: `transport.status`, `reply.invalid`, `reply.mismatch`, each with `delivery`.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#process} $process-message: status codes
 */
export function readReceipt(receipt: Receipt, context: ReceiptContext): Reply {
  const { status = 200 } = receipt;
  const { identity, mayHaveArrived } = context;
  if (receipt.custody === true || status === 202) {
    return readCustody(receipt, context);
  }
  if (status >= 200 && status < 300 && status !== 204) {
    return readSuccess(receipt, context);
  }
  const facts = factsOf(receipt, context, issuesIn(receipt.body));
  if (status === 204) {
    return { ...facts, kind: 'processed' };
  }
  const said = `The server answered ${status}.`;
  const mayBeDuplicate = status === identity.duplicateStatus;
  const isDuplicate = facts.issues.some(({ code }) => code === 'duplicate');
  if (mayBeDuplicate && isDuplicate) {
    return { ...facts, kind: 'accepted', duplicate: true, owesReply: false };
  }
  // That status without issues may be a proxy's answer, or a server's that processed the message before.
  const isSaid = !mayBeDuplicate || facts.issues.length > 0;
  // A server that answers `lock-error` has the message and is processing it; one that answers `duplicate` has it from another attempt.
  const isThere = facts.issues.some(({ code }) => code === 'lock-error');
  if (status >= 400 && status < 500 && !notNow.has(status) && isSaid && !isThere) {
    const issues: readonly Issue[] = facts.issues.length > 0 ? facts.issues : [{ severity: 'error', code: 'processing', diagnostics: said }];
    return { ...facts, issues, kind: 'refused', mayHaveArrived: mayHaveArrived || isDuplicate };
  }
  const delivery = notNow.has(status) && !isThere ? 'no' : 'unknown';
  throw new MessagingError('transport.status', said, { status, issues: facts.issues, delivery });
}

/** Custody, unless the reply came with it. */
function readCustody(receipt: Receipt, context: ReceiptContext): Reply {
  try {
    const reply = readSuccess(receipt, context);
    if ('message' in reply) {
      return reply;
    }
  } catch {
    // A body that is no reply to the message does not undo the custody.
  }
  return custody(factsOf(receipt, context, issuesIn(receipt.body)), context);
}

function custody(facts: ReplyFacts, { async = false, message }: ReceiptContext): Reply {
  return { ...facts, kind: 'accepted', duplicate: false, owesReply: async && expectsReply(message) };
}

/** The meaning of a success: its reply message, else custody of an asynchronous exchange, or the end of one that expects no reply. */
function readSuccess(receipt: Receipt, context: ReceiptContext): Reply {
  const { status } = receipt;
  // A body of nothing but white space says nothing.
  const body = receipt.body?.some((byte) => byte > 0x20) ? receipt.body : undefined;
  const { message: came, issues: faults } = body === undefined ? nothing : safeReadMessage(body);
  if (came && isReply(came)) {
    return messageReply(readReply(came, { ...context, request: context.message }), factsOf(receipt, context, []));
  }
  const outcome = readOperationOutcome(body);
  const facts = factsOf(receipt, context, outcome ?? []);
  const isFine = body === undefined || (outcome !== undefined && !outcome.some(isError));
  if (context.async === true && isFine) {
    return custody(facts, context);
  }
  if (came && !isEcho(came, context)) {
    return { ...facts, kind: 'processed', graph: came.graph, issues: [responseMissing] };
  }
  if (!expectsReply(context.message) && isFine) {
    return { ...facts, kind: 'processed' };
  }
  const what = body === undefined ? 'empty' : outcome ? 'an OperationOutcome' : 'no reply message';
  throw new MessagingError('reply.invalid', `The answer (${what}) does not say what became of the message.`, { status, issues: outcome ?? faults, delivery: 'yes' });
}

const nothing: ReadResult<undefined> = { message: undefined, issues: [] };

const responseMissing: Issue = /* @__PURE__ */ Object.freeze({
  severity: 'warning',
  code: 'processing',
  rule: 'response.missing',
  expression: ['Bundle.entry[0].resource.response'],
  diagnostics: 'This is missing: which message it answers, and how that ended.',
});

/** Whether the request itself came back, as from a server that only stores it: an echo says nothing, a message of the server's own (BaRS) does. */
function isEcho(came: Message, { message, identity }: ReceiptContext): boolean {
  const own = identityOf(message, identity).ids;
  return identityOf(came, identity).ids.some((id) => own.some((other) => isSameId(id, other)));
}

function factsOf({ status, headers }: Receipt, { attempts }: ReceiptContext, issues: readonly Issue[]): ReplyFacts {
  return { issues, http: status === undefined ? undefined : { status, headers: headers ?? new Headers() }, attempts };
}
