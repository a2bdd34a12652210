import type { IssueCode, IssueSeverity } from '../../fhir/codes.ts';

/**
 * A rule: FHIR's issue code, the sentence (`{}` is what the check adds), and how bad a breach is in what we write and in what we read;
 * where nothing is said, an error and a warning. `off` is not reported. `RULES.md` names each rule's source.
 */
export type Rule = readonly [code: IssueCode, sentence: string, strict?: IssueSeverity, lenient?: IssueSeverity | 'off'];

const rules = {
  'json.invalid': ['structure', 'The text is not JSON: {}.', 'fatal', 'fatal'],
  'json.tolerant': ['structure', 'The text is not JSON; a tolerant parser read it.', 'warning'],
  'input.limit': ['too-long', 'The input is larger or deeper than the limits: {}', 'fatal', 'fatal'],

  'bundle.resource': ['structure', 'A message is a Bundle; this is none.', 'fatal', 'fatal'],
  'bundle.type': ['value', "A message is a Bundle of type 'message'.", 'error', 'error'],
  'bundle.entry': ['structure', 'Bundle.entry is a list.', 'error', 'error'],
  'bundle.timestamp': ['required', 'A message should say when it was put together.', 'warning', 'information'],
  'bdl-1': ['invariant', 'Only a searchset or a history has a total.'],
  'bdl-2': ['invariant', 'Only an entry of a searchset has search.'],
  'bdl-3': ['invariant', 'Only an entry of a batch, transaction or history has a request.'],
  'bdl-3a': ['invariant', 'An entry of a message has a resource, no request and no response.'],
  'bdl-4': ['invariant', 'Only an entry of a batch-response, transaction-response or history has a response.'],
  'bdl-5': ['invariant', 'The entry is empty.', 'error', 'error'],
  'bdl-7': ['invariant', 'Entry {} has the same fullUrl, and the same version or none.', 'error', 'error'],
  'bdl-8': ['invariant', 'A fullUrl names no version.'],
  'bdl-12': ['invariant', 'The first entry of a message holds its MessageHeader, not {}.', 'error', 'error'],
  'bdl-15': ['invariant', 'The entry has no fullUrl; nothing can refer to it.'],
  'bdl-16': ['invariant', 'Issues of the Bundle itself are information or warnings.'],

  'entry.resource': ['required', 'Every entry of a message holds a resource.', 'error', 'error'],
  'entry.resourceType': ['structure', 'The resource has no resourceType.', 'error', 'error'],
  'entry.orphan': ['business-rule', 'Nothing leads to this {}.', 'warning'],
  'entry.reverse-only': ['business-rule', 'This {} refers to others, but nothing leads to it.', 'information', 'information'],

  'fullUrl.missing': ['required', 'The entry has no fullUrl; nothing can refer to it.'],
  'fullUrl.absolute': ['value', 'A fullUrl is absolute: a URL with its server, or a urn.'],
  'fullUrl.id': ['invariant', "The fullUrl of this {} does not end in the resource's id."],
  'fullUrl.type': ['invariant', 'The fullUrl is that of another type than {}.'],

  'header.shape': ['structure', 'MessageHeader.{}.', 'error', 'error'],
  'header.event': ['required', 'A MessageHeader names one event: eventCoding with a code, or {}.', 'error', 'error'],
  'header.source': ['required', 'A MessageHeader has a source: who sends, and where replies go.'],
  'header.endpoint': ['required', 'In this release the address has to stand in {}.'],
  'header.destination': ['informational', 'The message names no destination.', 'information', 'off'],
  'header.enterer': ['structure', 'R5 has no MessageHeader.enterer.'],
  'header.response-request': ['code-invalid', 'A response request is always, on-error, never or on-success.'],

  'identity.format': ['value', 'An id is 1 to 64 letters, digits, hyphens and dots.'],
  'identity.message': ['required', 'The message has no {}, by which it is named.'],
  'identity.envelope': ['required', 'Without Bundle.id its transmissions cannot be told apart.', 'warning', 'information'],

  'focus.unresolved': ['not-found', 'What is in focus has to be in the message, but {}.', 'error', 'error'],

  'response.identifier': ['required', 'A reply names the request that it answers; here by {}.'],
  'response.code': ['required', 'A reply has a code: ok, transient-error or fatal-error.', 'error', 'error'],
  'response.details': ['not-found', 'The details of a reply are an OperationOutcome in its Bundle.'],
  'response.issues': ['incomplete', 'A fatal-error has to say what the issue is, in its details.', 'warning'],
  'response.severity': ['conflict', 'The details report an error, so the code cannot be ok.'],

  'reference.unresolved': ['not-found', 'The reference leads nowhere: {}.'],
  'reference.external': ['informational', 'The reference leads out of the message.', 'information', 'information'],
  'reference.near-miss': ['not-found', 'No entry has that fullUrl, but {} has that type and id: is its fullUrl right?', 'warning'],
  'reference.ambiguous': ['multiple-matches', 'Several resources answer this reference: give each its fullUrl, and refer to that.', 'error', 'error'],
  'reference.lenient': ['not-found', 'Only type and id tell the target; by the rules the reference leads nowhere.', 'warning'],

  'event.mismatch': ['not-supported', 'The event is another than {}.', 'error', 'error'],
  'event.unreferenced': ['business-rule', 'Another resource has to refer to this {}.', 'error', 'error'],
  'payload.min': ['required', 'There are too few: {}.', 'error', 'error'],
  'payload.max': ['business-rule', 'There are too many: {}.', 'error', 'error'],
  'payload.type': ['not-supported', '{}.', 'error', 'error'],
  'focus.type': ['business-rule', 'The focus takes {}.', 'error', 'error'],
  'focus.missing': ['required', 'The focus has to list this {}.', 'error', 'error'],
} as const;

/** The id of a rule of `checkMessage`. */
export type RuleId = keyof typeof rules;

/** Every rule of `checkMessage`, beyond those that an event adds as functions. */
export const ruleTable: Readonly<Record<RuleId, Rule>> = rules;
