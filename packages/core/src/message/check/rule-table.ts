import type { IssueCode, IssueSeverity } from '../../fhir/codes.ts';

/** A rule: the page it follows, FHIR's issue code, and how bad a breach is in what we write and in what we read; `off` is not reported. */
export type Rule = readonly [source: string, code: IssueCode, strict: IssueSeverity | 'off', lenient: IssueSeverity | 'off'];

/** Every rule of `checkMessage` beyond those that an event adds as functions. `RULES.md` says the same in words. */
const rules = {
  'json.invalid': ['json.html', 'structure', 'fatal', 'fatal'],
  'json.tolerant': ['json.html', 'structure', 'warning', 'warning'],
  'input.limit': ['SDK', 'too-long', 'fatal', 'fatal'],

  'bundle.resource': ['bundle.html', 'structure', 'fatal', 'fatal'],
  'bundle.type': ['bundle.html#message', 'value', 'error', 'error'],
  'bundle.entry': ['bundle.html', 'structure', 'error', 'error'],
  'bundle.timestamp': ['Bundle.timestamp', 'required', 'warning', 'information'],
  'bdl-1': ['bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-2': ['bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-3': ['R4 bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-3a': ['R5 bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-4': ['R4 bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-5': ['bundle.html#invs', 'invariant', 'error', 'error'],
  'bdl-7': ['bundle.html#invs', 'invariant', 'error', 'error'],
  'bdl-8': ['bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-12': ['bundle.html#invs', 'invariant', 'error', 'error'],
  'bdl-15': ['R5 bundle.html#invs', 'invariant', 'error', 'warning'],
  'bdl-16': ['R5 bundle.html#invs', 'invariant', 'error', 'warning'],

  'entry.resource': ['bundle.html#message', 'required', 'error', 'error'],
  'entry.resourceType': ['json.html#resources', 'structure', 'error', 'error'],
  'entry.orphan': ['R5 messaging.html#assumptions', 'business-rule', 'warning', 'warning'],
  'entry.reverse-only': ['R5 messaging.html#assumptions', 'business-rule', 'information', 'information'],

  'fullUrl.missing': ['R4 Bundle.entry.fullUrl', 'required', 'error', 'warning'],
  'fullUrl.absolute': ['Bundle.entry.fullUrl', 'value', 'error', 'warning'],
  'fullUrl.id': ['Bundle.entry.fullUrl', 'invariant', 'error', 'warning'],
  'fullUrl.type': ['Bundle.entry.fullUrl', 'invariant', 'error', 'warning'],

  'header.shape': ['messageheader.html', 'structure', 'error', 'error'],
  'header.event': ['MessageHeader.event[x]', 'required', 'error', 'error'],
  'header.source': ['MessageHeader.source', 'required', 'error', 'warning'],
  'header.endpoint': ['MessageHeader.source.endpoint', 'required', 'error', 'warning'],
  'header.destination': ['MessageHeader.destination', 'informational', 'information', 'off'],
  'header.enterer': ['R5 messageheader.html', 'structure', 'error', 'warning'],
  'header.response-request': ['messageheader-response-request', 'code-invalid', 'error', 'warning'],

  'identity.format': ['datatypes.html#id', 'value', 'error', 'warning'],
  'identity.message': ['messaging.html#reliable', 'required', 'error', 'warning'],
  'identity.envelope': ['R4 messaging.html#reliable', 'required', 'warning', 'information'],

  'focus.unresolved': ['MessageHeader.focus', 'not-found', 'error', 'error'],

  'response.identifier': ['MessageHeader.response.identifier', 'required', 'error', 'warning'],
  'response.code': ['MessageHeader.response.code', 'required', 'error', 'error'],
  'response.details': ['MessageHeader.response.details', 'not-found', 'error', 'warning'],
  'response.issues': ['MessageHeader.response.code', 'incomplete', 'warning', 'warning'],
  'response.severity': ['MessageHeader.response.details', 'conflict', 'error', 'warning'],

  'reference.unresolved': ['bundle.html#references', 'not-found', 'error', 'warning'],
  'reference.external': ['bundle.html#references', 'informational', 'information', 'information'],
  'reference.near-miss': ['bundle.html#references', 'not-found', 'warning', 'warning'],
  'reference.ambiguous': ['bundle.html#references', 'multiple-matches', 'error', 'error'],
  'reference.lenient': ['bundle.html#references', 'not-found', 'off', 'warning'],
  'reference.version': ['bundle.html#references', 'not-supported', 'warning', 'warning'],

  'event.mismatch': ['event contract', 'not-supported', 'error', 'error'],
  'event.unreferenced': ['event contract', 'business-rule', 'error', 'error'],
  'payload.min': ['event contract', 'required', 'error', 'error'],
  'payload.max': ['event contract', 'business-rule', 'error', 'error'],
  'payload.type': ['event contract', 'not-supported', 'error', 'error'],
  'focus.type': ['event contract', 'business-rule', 'error', 'error'],
  'focus.missing': ['event contract', 'required', 'error', 'error'],
} as const;

/** The id of a rule of `checkMessage`. */
export type RuleId = keyof typeof rules;

/** The same, each row held to its shape. */
export const ruleTable: Readonly<Record<RuleId, Rule>> = rules;
