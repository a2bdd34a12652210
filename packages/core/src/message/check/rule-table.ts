import type { IssueCode, IssueSeverity } from '../../fhir/codes.ts';
import type { CheckRuleId } from '../../fhir/rule-id.ts';

/**
 * A rule: FHIR's issue code, the sentence (the check fills in `{}`), and the severity of a breach in messages that we write and in those
 * that we read, by default an error and a warning. `off` is not reported. `RULES.md` names each rule's source.
 */
export type Rule = readonly [code: IssueCode, sentence: string, strict?: IssueSeverity, lenient?: IssueSeverity | 'off'];

/** Every rule of `checkMessage`, beyond those that an event adds as functions. */
export const ruleTable: Readonly<Record<CheckRuleId, Rule>> = {
  'json.invalid': ['structure', 'The text is not JSON: {}.', 'fatal', 'fatal'],
  'json.number': ['value', 'JSON cannot hold this number.', 'error', 'off'],
  'json.tolerant': ['structure', 'The text is not JSON; a tolerant parser read it.', 'warning'],
  'input.limit': ['too-long', 'This is over the limits: {}', 'fatal', 'fatal'],

  'bundle.resource': ['structure', 'This has to be a Bundle.', 'fatal', 'fatal'],
  'bundle.type': ['value', 'The type has to be message.', 'error', 'error'],
  'bundle.entry': ['structure', 'This has to be a list.', 'error', 'error'],
  'bundle.timestamp': ['required', 'This is missing: when the message was written.', 'warning', 'information'],
  'bdl-1': ['invariant', 'A message does not have this.'],
  'bdl-2': ['invariant', 'A message does not have this.'],
  'bdl-3': ['invariant', 'A message does not have this.'],
  'bdl-3a': ['invariant', 'A message does not have this.'],
  'bdl-4': ['invariant', 'A message does not have this.'],
  'bdl-5': ['invariant', 'The entry has no resource.', 'error', 'error'],
  'bdl-7': ['invariant', 'This is the fullUrl of entry {} too.', 'error', 'error'],
  'bdl-8': ['invariant', 'A fullUrl names no version.'],
  'bdl-12': ['invariant', 'The first entry has to hold the MessageHeader.', 'error', 'error'],
  'bdl-15': ['invariant', 'This is missing: nothing can refer to the entry.'],
  'bdl-16': ['invariant', 'This has to be information or a warning.'],

  'entry.resource': ['required', 'The entry has no resource.', 'error', 'error'],
  'entry.resourceType': ['structure', 'The resource has no resourceType.', 'error', 'error'],
  'entry.orphan': ['business-rule', 'Nothing leads to this {}.', 'warning'],
  'entry.reverse-only': ['business-rule', 'Nothing leads to this {}, which refers to others.', 'information', 'information'],

  'fullUrl.missing': ['required', 'This is missing: nothing can refer to the entry.'],
  'fullUrl.absolute': ['value', 'This has to be an absolute URL or a urn, without white space.'],
  'fullUrl.id': ['invariant', 'This has to end in the id of the {}.'],
  'fullUrl.type': ['invariant', 'This has to be the fullUrl of the {}.'],

  'header.shape': ['structure', 'This has to be {}.', 'error', 'error'],
  'header.event': ['required', 'This has to be one event: an eventCoding with a code, or {}.', 'error', 'error'],
  'header.source': ['required', 'This is missing: who sends, and gets the reply.'],
  'header.endpoint': ['required', 'This has to be the one address, as this release has it.'],
  'header.destination': ['informational', 'No destination is named: a reply is taken of anybody.', 'information', 'off'],
  'header.enterer': ['structure', 'A message does not have this.'],
  'header.response-request': ['code-invalid', 'This has to be always, on-error, never or on-success.'],

  'identity.format': ['value', 'This has to be 1 to 64 letters, digits, hyphens and dots: a bare UUID, no urn.'],
  'identity.message': ['required', 'This is missing: it names the message.'],
  'identity.envelope': ['required', 'This is missing: it names the transmission.', 'warning', 'information'],

  'focus.unresolved': ['not-found', 'This leads to no entry: {}.', 'error', 'error'],

  'response.identifier': ['required', 'This has to be {} of the request.'],
  'response.code': ['required', 'This has to be ok, transient-error or fatal-error.', 'error', 'error'],
  'response.details': ['not-found', 'This has to lead to an OperationOutcome in the message.'],
  'response.issues': ['incomplete', 'This is missing: the reason of the fatal-error.', 'warning'],
  'response.severity': ['conflict', 'This cannot be ok: the details report an error.'],

  'reference.unresolved': ['not-found', 'This leads to no entry: {}. Add its resource, or say its server.'],
  'reference.external': ['informational', 'This leads out of the message.', 'information', 'information'],
  'reference.near-miss': ['not-found', 'This leads out of the message, but {} has its type and id.', 'warning'],
  'reference.ambiguous': ['multiple-matches', 'This has to lead to one entry, not to several.', 'error', 'error'],
  'contained.ambiguous': ['multiple-matches', 'Several contained resources have this id.'],
  'reference.lenient': ['not-found', 'This leads to an entry by type and id only.', 'warning'],

  'event.mismatch': ['not-supported', 'This has to be {}.', 'error', 'error'],
  'event.unreferenced': ['business-rule', 'Nothing leads to this {}.', 'error', 'error'],
  'payload.min': ['required', 'There are too few: {}.', 'error', 'error'],
  'payload.max': ['business-rule', 'There are too many: {}.', 'error', 'error'],
  'payload.type': ['not-supported', '{}.', 'error', 'error'],
  'focus.type': ['business-rule', 'This has to be {}.', 'error', 'error'],
  'focus.missing': ['required', 'This is missing: {}.', 'error', 'error'],
};
