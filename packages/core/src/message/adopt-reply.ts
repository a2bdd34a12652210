import { MessagingError } from '../errors.ts';
import { isError } from '../fhir/issue.ts';
import type { Issue } from '../fhir/issue.ts';
import { textIn } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { stateOf } from '../graph/graph-value.ts';
import { renameEntries } from '../graph/rename-entry.ts';
import { parseRestfulUrl, withoutVersion } from '../reference/parse-reference.ts';
import { isFocus, pathInBundle } from './check/check-context.ts';
import { isSameId } from './identity.ts';
import { matchEntries } from './match-entries.ts';
import type { AssignedId } from './match-entries.ts';
import type { Message } from './message.ts';
import { quotedBy, responseOf } from './read-reply.ts';

/** The result of adopting a reply. */
export interface Adoption<TResource extends Resource> {
  /** The request's graph with the ids that the server assigned. */
  readonly graph: BundleGraph<TResource>;
  readonly assigned: readonly AssignedId[];
  /**
   * An issue for each entry that was not echoed or could not be told apart, an error where it is in focus, and for each reference that could not follow.
   * For a reply to another message, or one that is not `ok`, one error alone.
   */
  readonly issues: readonly Issue[];
}

/**
 * Takes over the ids that the server assigned to a message's resources, as its reply echoes them.
 *
 * Two resources are the same when they have one `fullUrl`; else when they share an identifier that stands once on both sides and leads to no other;
 * else when each is the only one of its type on its side. They are not the same, unless the `fullUrl` is, when one system gives them different
 * identifiers, or one server different ids (a household shares a number), or the reply's refers to ours by its `fullUrl`, as a filler order does; nor is
 * the only one of its type ours where the reply's header names it, or a role of it, as `sender`, `responsible`, `author` or `enterer` (by a literal, not by
 * an identifier alone), or where an echo refers to another record in the place of ours, such as another `requester`. Versions aside.
 * Nothing else is guessed, and nothing is thrown: a `fullUrl` of the reply that cannot be the entry's, or is another's, is not taken over. A resource
 * gets its id in the reply where its `fullUrl`, such as our own `urn:`, does not say one.
 *
 * Of a reply that says `fatal-error` or `transient-error` nothing is adopted (`reply.rejected`): what it echoes may be a record that the message is
 * in conflict with. Of a reply to another message nothing is adopted either (`reply.mismatch`): its `response.identifier` is no id of a `consequence`,
 * which keeps its ids however often it is sent (a strategy of your own has to keep that: `resend.consequence` is `same`); a message without a contract
 * counts as one. A message of another category may have been sent under further ids, which `readReply` is told.
 *
 * @example
 * const { graph, issues } = adoptReply(referral, reply.message);
 * if (!issues.some(isError)) await messenger.send(messenger.create(updateServiceRequest, graph));
 */
export function adoptReply<TEvent, TResource extends Resource>(message: Message<TEvent, TResource>, reply: Message): Adoption<TResource> {
  const refusal = refusalOf(message, reply);
  if (refusal) {
    return { graph: message.graph, assigned: [], issues: [refusal] };
  }
  const ours = stateOf(message.graph);
  const matched = matchEntries(ours.records, stateOf(reply.graph).records);
  const assigned = matched.filter((each) => each.by !== 'only-of-type' || !isReferredToAsAnother(each, matched, message.graph, reply.graph));
  const adopted = new Set(assigned.map(({ from }) => from));
  const focus = focusKeys(message.graph);
  const issues = ours.records.flatMap((record, position): Issue[] => {
    const key = ours.keyAt(position);
    return position === 0 || adopted.has(key)
      ? []
      : [
          {
            severity: focus.has(key) ? 'error' : 'warning',
            code: 'not-found',
            rule: 'adopt.unmatched',
            expression: [pathInBundle(position)],
            diagnostics: `The reply does not say for certain what the server calls this ${record.type ?? 'resource'}.`,
          },
        ];
  });
  const graph = rename(message.graph, assigned, (issue) => issues.push(issue));
  return { graph, assigned, issues };
}

/**
 * Whether an echo of ours, which refers to this entry in one place, refers to another record there. Places in a list say nothing: a server may order it
 * anew.
 */
function isReferredToAsAnother({ from, to }: AssignedId, matched: readonly AssignedId[], ours: BundleGraph<Resource>, theirs: BundleGraph<Resource>): boolean {
  return ours.linksTo(from).some(({ from: holder, path }) => {
    const echo = matched.find((each) => each.from === holder)?.to ?? '';
    const { base = '' } = parseRestfulUrl(echo) ?? parseRestfulUrl(to) ?? {};
    return theirs.linksFrom(echo).some(({ path: there, reference, target }) => {
      const url = withoutVersion(reference ?? to);
      return there === path && !path.includes('[') && ![target, url, base + url].some((name) => name === to || name === from);
    });
  });
}

const mismatch: Issue = {
  severity: 'error',
  code: 'conflict',
  rule: 'reply.mismatch',
  diagnostics: 'The reply quotes no id of the request: it answers another message.',
};

const rejected: Issue = {
  severity: 'error',
  code: 'conflict',
  rule: 'reply.rejected',
  diagnostics: 'The reply is not ok: no ids were assigned.',
};

/** Why nothing of a reply is adopted. */
function refusalOf(message: Message<unknown, Resource>, reply: Message): Issue | undefined {
  if (answersAnother(message, reply)) {
    return mismatch;
  }
  const { code = 'ok' } = responseOf(reply) ?? {};
  return code === 'ok' ? undefined : rejected;
}

function answersAnother({ event, identity }: Message<unknown, Resource>, reply: Message): boolean {
  const quoted = quotedBy(reply);
  return quoted.value !== '' && (textIn(event, 'category') ?? 'consequence') === 'consequence' && !identity.ids.some((id) => isSameId(id, quoted));
}

/**
 * Gives another graph the ids that a server assigned, for the update that follows a message.
 *
 * A graph without a header does not say what is in focus: give this the graph of the message made of it, too. An echo under our own `urn:` counts as the
 * server's name for an entry, though it may know no other.
 *
 * @throws {MessagingError} `adopt.incomplete` when an entry in focus has no id of the server's, or the focus leads to no entry any more, or a
 * relative reference of a resource that was on no server would mean something there: the update could mean another record;
 * `entry.duplicate` when the graph has another entry under one of those ids.
 * @example adopt(draft, adoptReply(referral, reply.message).assigned)
 */
export function adopt<TResource extends Resource>(graph: BundleGraph<TResource>, assigned: readonly AssignedId[]): BundleGraph<TResource> {
  const known = new Set(assigned.flatMap(({ from, to }) => [from, to]));
  const missing = [...focusKeys(graph)].filter((key) => !known.has(key));
  if (missing.length > 0) {
    throw new MessagingError('adopt.incomplete', `The server's ids do not cover ${missing.length} of the entries in focus; an update needs them all.`);
  }
  return underAssigned(graph, assigned);
}

/** A graph under the ids that a server assigned, be its focus among them or not. @throws {MessagingError} as `adopt`. @internal */
export function underAssigned<TResource extends Resource>(graph: BundleGraph<TResource>, assigned: readonly AssignedId[]): BundleGraph<TResource> {
  const issues: Issue[] = [];
  const adopted = rename(graph, assigned, (issue) => issues.push(issue));
  if (issues.some(isError)) {
    throw new MessagingError('adopt.incomplete', 'A relative reference that meant nothing would mean a record of the server.', { issues });
  }
  return adopted;
}

function rename<TResource extends Resource>(graph: BundleGraph<TResource>, assigned: readonly AssignedId[], report: (issue: Issue) => void): BundleGraph<TResource> {
  const state = stateOf(graph);
  return renameEntries(
    graph,
    assigned.filter(({ from }) => state.positionOf(from) >= 0),
    { report },
  );
}

/** The keys of the entries in focus; for a focus that leads to no entry its path, which equals no key. @internal */
export function focusKeys(graph: BundleGraph<Resource>): ReadonlySet<string> {
  const links = graph.linksFrom(graph.entries[0]?.key ?? '');
  return new Set(links.flatMap(({ path, target }) => (isFocus(path) ? (target ?? path) : [])));
}
