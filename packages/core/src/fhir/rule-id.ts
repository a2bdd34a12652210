/** The id of a rule of `checkMessage`. */
export type CheckRuleId =
  | 'json.invalid' | 'json.number' | 'json.tolerant' | 'input.limit'
  | 'bundle.resource' | 'bundle.type' | 'bundle.entry' | 'bundle.timestamp' | 'bdl-1' | 'bdl-2' | 'bdl-3' | 'bdl-3a' | 'bdl-4' | 'bdl-5' | 'bdl-7'
  | 'bdl-8' | 'bdl-12' | 'bdl-15' | 'bdl-16'
  | 'entry.resource' | 'entry.resourceType' | 'entry.orphan' | 'entry.reverse-only'
  | 'fullUrl.missing' | 'fullUrl.absolute' | 'fullUrl.id' | 'fullUrl.type'
  | 'header.shape' | 'header.event' | 'header.source' | 'header.endpoint' | 'header.destination' | 'header.enterer' | 'header.response-request'
  | 'identity.format' | 'identity.message' | 'identity.envelope'
  | 'focus.unresolved'
  | 'response.identifier' | 'response.code' | 'response.details' | 'response.issues' | 'response.severity'
  | 'reference.unresolved' | 'reference.external' | 'reference.near-miss' | 'reference.ambiguous' | 'contained.ambiguous' | 'reference.lenient'
  | 'event.mismatch' | 'event.unreferenced' | 'payload.min' | 'payload.max' | 'payload.type' | 'focus.type' | 'focus.missing';

/** The id of a rule of this package, as `RULES.md` lists them; the issue of an error that has none of its own has the error's code. */
export type RuleId =
  | CheckRuleId
  | 'adopt.unmatched' | 'reply.mismatch' | 'reply.rejected' | 'reference.no-base' | 'reference.version' | 'reference.server'
  | 'assemble.unread' | 'assemble.version' | 'assemble.outside' | 'assemble.revinclude' | 'assemble.patient' | 'response.missing' | 'aborted';
