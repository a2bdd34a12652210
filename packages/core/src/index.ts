// Floor 0: FHIR
export type { Bundle, BundleEntry, BundleEntryLike, BundleLike, Frozen, ResourceOf, ResourceOfType } from './fhir/bundle.ts';
export type { IssueCode, IssueSeverity, MessageCategory, ResponseCode, ResponseRequest } from './fhir/codes.ts';
export { isError } from './fhir/issue.ts';
export type { Issue, IssueDetails } from './fhir/issue.ts';
export type { CheckRuleId, RuleId } from './fhir/rule-id.ts';
export type { Release } from './fhir/release.ts';
export type { Coding, Identifier, Reference, Resource } from './fhir/resource.ts';

// Floor 1: errors
export { isMessagingError, MessagingError, toIssues } from './errors.ts';
export type { Delivery, ErrorCode, MessagingErrorFacts } from './errors.ts';

// Floor 2: references
export type { ResolutionMode, ResolutionReason } from './reference/resolve-reference.ts';

// Floor 3: the graph
export type {
  BundleGraph,
  ClosureOptions,
  GraphEntry,
  Link,
  NamedResource,
  Resolution,
  ResolveOptions,
  UnresolvedReference,
} from './graph/bundle-graph.ts';
export { graphOf } from './graph/graph-of.ts';
export type { GraphOptions } from './graph/graph-of.ts';
export { parseGraph } from './graph/parse-graph.ts';
export type { ParseGraphOptions } from './graph/parse-graph.ts';
export type { ParseOptions } from './graph/parse-json.ts';
export { newFullUrl } from './graph/new-full-url.ts';
export { updateEntry } from './graph/update-entry.ts';
export type { ResourceRecipe } from './graph/update-entry.ts';
export { addEntry } from './graph/add-entry.ts';
export type { NamedEntry } from './graph/add-entry.ts';
export { removeEntry } from './graph/remove-entry.ts';
export { renameEntry } from './graph/rename-entry.ts';
export type { RenameOptions } from './graph/rename-entry.ts';
export { diffGraphs } from './graph/diff-graphs.ts';
export type { ChangedEntry, GraphDifference, PatchOperation } from './graph/diff-graphs.ts';
export { historyOf } from './graph/history.ts';
export type { GraphHistory } from './graph/history.ts';
export { toMermaid } from './graph/to-mermaid.ts';
export type { MermaidOptions } from './graph/to-mermaid.ts';

// Floor 4: events
export { isNonEmpty } from './event/cardinality.ts';
export type { Cardinality } from './event/cardinality.ts';
export { defineEvent } from './event/define-event.ts';
export type { CheckedTable } from './event/define-event.ts';
export type { AnyEvent, EventCoding, EventContract, EventRule, EventTable, ResourceOfEvent, ResourceTypeName } from './event/event-contract.ts';
export { eventNameOf, isSameEvent } from './event/event-name.ts';
export type { EventName } from './event/event-name.ts';
export type { PayloadOf, ReadPayloadOf, Slot } from './event/payload.ts';

// Floor 5: messages and replies
export { bars, plainId, r4, r5, strategyFor } from './message/identity.ts';
export type { IdentitySource, IdentityStrategy, MessageId, MessageIdentity, ResendRule } from './message/identity.ts';
export type { Message } from './message/message.ts';
export { createMessage } from './message/create-message.ts';
export type { CreateMessageOptions } from './message/create-message.ts';
export type { Destination, DestinationElement, Source, SourceElement } from './message/compose-header.ts';
export { payloadOf } from './message/payload-of.ts';
export { checkMessage } from './message/check-message.ts';
export type { CheckOptions } from './message/check/run-checks.ts';
export { bytesIn } from './message/read-input.ts';
export type { MessageInput, ReadLimits } from './message/read-input.ts';
export { readMessage, safeReadMessage } from './message/read-message.ts';
export type { ReadMessageOptions, ReadResult } from './message/read-message.ts';
export { messagesIn } from './message/messages-in.ts';
export type { MessagesInOptions } from './message/messages-in.ts';
export { issueTarget } from './message/issue-target.ts';
export type { IssueTarget } from './message/issue-target.ts';
export { toOperationOutcome } from './message/to-operation-outcome.ts';
export type { OperationOutcome, OperationOutcomeIssue } from './message/to-operation-outcome.ts';
export { createReply } from './message/create-reply.ts';
export type { AnyResource, CreateReplyOptions, ReplyContent } from './message/create-reply.ts';
export { isReply, readReply } from './message/read-reply.ts';
export type { ReadReplyOptions, ReplyMessage, ReplyReading } from './message/read-reply.ts';
export { adopt, adoptReply } from './message/adopt-reply.ts';
export type { Adoption } from './message/adopt-reply.ts';
export type { AssignedId } from './message/match-entries.ts';
export { responseRequestOf, wantsReply } from './message/response-request.ts';

// Floor 6: the exchange
export { readOperationOutcome } from './exchange/read-operation-outcome.ts';
export type { Outgoing, Receipt, Transport } from './exchange/transport.ts';
export { expectsReply } from './exchange/expects-reply.ts';
export { resendOf } from './exchange/resend-of.ts';
export { onAbort } from './exchange/on-abort.ts';
export { untilAborted } from './exchange/until-aborted.ts';
export { messageUrl } from './exchange/message-url.ts';
export type { MessageUrlParts } from './exchange/message-url.ts';
export type { HeadersLike } from './exchange/fhir-headers.ts';
export { processMessageTransport } from './exchange/process-message-transport.ts';
export type { HeadersContext, ProcessMessageTransportOptions } from './exchange/process-message-transport.ts';
export type { Accepted, CodedReply, MessageReply, Processed, Refused, Reply, ReplyFacts } from './exchange/reply.ts';
export { tell } from './exchange/progress.ts';
export type { MessageNames, ProgressEvent, ProgressListener } from './exchange/progress.ts';
export { retryDelayMs } from './exchange/retry.ts';
export type { Peer, RetryOptions } from './exchange/retry.ts';
export type { AcceptResult, TakenReply } from './exchange/accept-reply.ts';
export type { DeliveryOptions } from './exchange/deliver.ts';
export type { OwnCheck } from './exchange/own-check.ts';
export type { PendingRecord, PendingRequest, PendingStore } from './exchange/pending-store.ts';
export { memoryPendingStore } from './exchange/memory-pending-store.ts';
export type {
  FullOutboxRecord,
  NewOutboxEntry,
  OutboxChange,
  OutboxClaiming,
  OutboxContent,
  OutboxContract,
  OutboxDurability,
  OutboxFacts,
  OutboxFilter,
  OutboxHold,
  OutboxListing,
  OutboxRecord,
  OutboxState,
  OutboxStore,
} from './exchange/outbox-store.ts';
export type { Seal } from './exchange/seal.ts';
export type { CacheClaim, CachedOutcome, CacheKey, CacheRecord, CacheWork, Custody, CustodyRecord, ReliableCache } from './exchange/reliable-cache.ts';

// Floor 7: the client
export { createMessenger } from './client/messenger.ts';
export type { AcceptOptions, Messenger, MessengerOptions, SendOptions } from './client/messenger.ts';
export { missingScopes } from './client/missing-scopes.ts';
export { readCapabilities } from './client/read-capabilities.ts';
export type { Capabilities, SupportedEvent } from './client/read-capabilities.ts';
export { supportFor } from './client/support-for.ts';
export type { EventSupport } from './client/support-for.ts';
export type { ReadBatch, Reader, ReadOptions } from './client/reader.ts';
export { fetchReader } from './client/fetch-reader.ts';
export type { FetchReaderOptions } from './client/fetch-reader.ts';
export { assemble } from './client/assemble.ts';
export type { Assembled, AssembleOptions } from './client/assemble.ts';
export type { AssembleProgress } from './client/assemble/collect.ts';
export type { Outside } from './client/assemble/outside.ts';
export { holderOf } from './client/observed.ts';
export type { Holder, Observed } from './client/observed.ts';
export { observeSubmission } from './client/observe-submission.ts';
export type { SubmissionOptions } from './client/observe-submission.ts';
export type { Submission, SubmitOptions } from './client/submission.ts';
export type { Failure, MayHaveArrived, Refusal, Rejection, SubmissionState } from './client/submission-state.ts';
export { observeUpdate } from './client/observe-update.ts';
export type { Submitted, Update } from './client/observe-update.ts';
export { isSameContent, keepContent } from './client/same-content.ts';
export { observeDraft } from './client/observe-draft.ts';
export type { Draft, DraftOptions, DraftState, EditOptions } from './client/observe-draft.ts';
export { observeReading } from './client/observe-reading.ts';
export type { Reading, ReadingOptions, ReadingState } from './client/observe-reading.ts';
export { observeAssembly } from './client/observe-assembly.ts';
export type { AssembledMessage, AssemblyOptions } from './client/observe-assembly.ts';
