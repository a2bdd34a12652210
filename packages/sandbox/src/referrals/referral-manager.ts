import { renameEntry } from '@fhir-messaging/core';
import type { BundleGraph, Issue, Message, ReadPayloadOf, ReliableCache, ReplyContent } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createReceiver } from '@fhir-messaging/receiver';
import type { HandlerInput, Receiver } from '@fhir-messaging/receiver';
import type { FaultSource } from '../faults/fault-switches.ts';
import { echo, notNow, refusal } from './answer-with.ts';
import type { ReceivedMessage } from './received-message.ts';
import { referralUrlOf } from './referral.ts';
import type { Referral } from './referral.ts';

/** A test's reply for the referral manager: as it is, or made of the message; `undefined` means the usual reply. */
export type ScriptedReply = ReplyContent | ((message: Omit<ReceivedMessage, 'code'>) => ReplyContent | undefined);

/** Takes referrals as Netsmart's does: names them, keeps every version, and echoes the latest. */
export interface ReferralManager {
  readonly receiver: Receiver;
  readonly referrals: ReadonlyMap<string, Referral>;
  readonly messages: readonly ReceivedMessage[];
  /** The latest version of a resource that the referral manager named. */
  resourceAt(fullUrl: string): object | undefined;
  /** Scripts the replies to the next messages, each used once; a message with a scripted error is left out of the referrals. */
  script(replies: readonly ScriptedReply[]): void;
}

/** The options of a referral manager. */
export interface ReferralManagerOptions {
  readonly baseUrl: string;
  readonly faults: FaultSource;
  /** How it recognises a message. */
  readonly cache: ReliableCache;
  readonly now: () => number;
  readonly newId: () => string;
  readonly onChange: () => void;
}

type Submission = Pick<HandlerInput<typeof submitServiceRequest, undefined>, 'message' | 'graph' | 'sender'> & { readonly payload: ReadPayloadOf<typeof submitServiceRequest> };

/** A referral manager without referrals. */
export function createReferralManager({ baseUrl, faults, cache, now, newId, onChange }: ReferralManagerOptions): ReferralManager {
  const referrals = new Map<string, Referral>();
  const messages: ReceivedMessage[] = [];
  const scripted: ScriptedReply[] = [];
  let lastNumber = 1000;

  const nameNewResources = (graph: BundleGraph): BundleGraph =>
    graph.entries
      .slice(1)
      .filter(({ key }) => key.startsWith('urn:'))
      .reduce((named, { key, resource }) => renameEntry(named, key, `${baseUrl}/${resource?.resourceType ?? ''}/${(lastNumber += 1)}`), graph);

  const handle = (event: ReceivedMessage['event'], { message, graph, payload, sender }: Submission): ReplyContent => {
    const received = { event, message, payload, sender, at: new Date(now()) };
    const fault = faults.take(['transient-error', 'fatal-error']);
    const next = fault === undefined ? scripted.shift() : undefined;
    const content =
      fault?.kind === 'transient-error'
        ? notNow()
        : fault?.kind === 'fatal-error'
          ? refusal('business-rule', 'A fault of the sandbox: the content is refused, and sending it again unaltered is no use.')
          : typeof next === 'function'
            ? next(received)
            : next;
    const answer = content ?? problemOf(event, referralUrlOf(graph));
    const unresolved = answer === undefined || codeOf(answer) === 'ok' ? unresolvedIn(message) : [];
    const problem: ReplyContent | undefined = unresolved.length > 0 ? { code: 'fatal-error', issues: unresolved } : answer;
    const code = problem === undefined ? 'ok' : codeOf(problem);
    const processed: ReceivedMessage = { ...received, code };
    messages.push(processed);
    const stored = code === 'ok' ? nameNewResources(graph) : undefined;
    if (stored !== undefined) {
      const url = referralUrlOf(stored);
      referrals.set(url, { url, versions: [...(referrals.get(url)?.versions ?? []), { graph: stored, received: processed }] });
    }
    onChange();
    return problem ?? (stored === undefined ? {} : echo(stored));
  };

  const problemOf = (event: ReceivedMessage['event'], url: string): ReplyContent | undefined => {
    if (event === 'submit-service-request') {
      return referrals.has(url) ? refusal('duplicate', 'A referral of that ServiceRequest is here already: update it.') : undefined;
    }
    return referrals.has(url) ? undefined : refusal('not-found', 'No referral of that ServiceRequest was submitted.');
  };

  return {
    receiver: createReceiver({ source: { endpoint: baseUrl, name: 'Sandbox referral manager' }, identity: netsmart, cache, now, newId })
      .on(submitServiceRequest, (input) => handle('submit-service-request', input))
      .on(updateServiceRequest, (input) => handle('update-service-request', input)),
    referrals,
    messages,
    resourceAt(fullUrl) {
      const graphs = [...referrals.values()].flatMap(({ versions }) => versions.map(({ graph }) => graph));
      return graphs.map((graph) => graph.entries.find(({ key }) => key === fullUrl)?.resource).findLast((resource) => resource !== undefined);
    },
    script(replies) {
      scripted.push(...replies);
    },
  };
}

/** References that lead to nothing, as errors: here a relative one would come to mean this server, and no reply could echo any other. */
function unresolvedIn({ issues }: Message): readonly Issue[] {
  return issues.flatMap((issue) => (issue.rule === 'reference.unresolved' && !issue.expression?.[0]?.startsWith('Bundle.entry[0].') ? { ...issue, severity: 'error', code: 'business-rule' } : []));
}

function codeOf({ code, issues = [] }: ReplyContent): ReceivedMessage['code'] {
  return code ?? (issues.some(({ severity }) => severity === 'error' || severity === 'fatal') ? 'fatal-error' : 'ok');
}
