import { diffGraphs, renameEntry } from '@fhir-messaging/core';
import type { BundleGraph, ChangedEntry, Message, NamedEntry, ReplyContent } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest, netsmart } from '@fhir-messaging/netsmart';
import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A referral manager on this machine: it takes referrals as Netsmart's does, names them, and keeps every version. */
export interface ReferralManager {
  readonly baseUrl: string;
  /** The versions of each referral, by its URL. */
  readonly referrals: ReadonlyMap<string, readonly BundleGraph[]>;
  /** What the last update of a referral changed. */
  lastChange(url: string): readonly ChangedEntry[];
  stop(): Promise<void>;
}

/** Starts a referral manager on a free port of the loopback address. */
export async function startReferralManager(): Promise<ReferralManager> {
  const referrals = new Map<string, BundleGraph[]>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4`;

  let lastNumber = 0;
  const nameNewResources = (graph: BundleGraph): BundleGraph =>
    graph.entries
      .slice(1)
      .filter(({ key }) => key.startsWith('urn:'))
      .reduce((named, { key, resource }) => renameEntry(named, key, `${baseUrl}/${resource?.resourceType ?? ''}/${(lastNumber += 1)}`), graph);

  const receiver = createReceiver({ source: baseUrl, identity: netsmart, cache: memoryCache() })
    .on(submitServiceRequest, ({ message, graph }): ReplyContent => {
      const refusal = refusalOf(message);
      if (refusal) {
        return refusal;
      }
      const stored = nameNewResources(graph);
      referrals.set(referralUrl(stored), [stored]);
      return echo(stored);
    })
    .on(updateServiceRequest, ({ message, graph }): ReplyContent => {
      const versions = referrals.get(referralUrl(graph));
      if (versions === undefined) {
        const diagnostics = 'No referral of that id was submitted.';
        return { code: 'fatal-error', issues: [{ severity: 'error', code: 'not-found', diagnostics }] };
      }
      const refusal = refusalOf(message);
      if (refusal) {
        return refusal;
      }
      const stored = nameNewResources(graph);
      versions.push(stored);
      return echo(stored);
    });

  server.on('request', toNodeHandler(httpHandler(receiver)));
  return {
    baseUrl,
    referrals,
    lastChange(url) {
      const [before, after] = (referrals.get(url) ?? []).slice(-2);
      return before && after ? diffGraphs(before, after).changed : [];
    },
    async stop() {
      await receiver.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function referralUrl(graph: BundleGraph): string {
  return graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
}

/** The refusal of what has a reference to nothing: named here, what has no server would be of ours, and no reply could echo the rest. */
function refusalOf({ issues }: Message): ReplyContent | undefined {
  const unresolved = issues.filter(({ rule, expression }) => rule === 'reference.unresolved' && !expression?.[0]?.startsWith('Bundle.entry[0].'));
  return unresolved.length > 0 ? { code: 'fatal-error', issues: unresolved.map((issue) => ({ ...issue, severity: 'error', code: 'business-rule' })) } : undefined;
}

/** As Netsmart replies: the resources, with the ids that they have now. */
function echo(graph: BundleGraph): ReplyContent {
  const named = graph.entries.slice(1).flatMap(({ fullUrl, resource }): NamedEntry[] => (fullUrl !== undefined && resource ? [{ fullUrl, resource }] : []));
  const isFocus = ({ resource }: NamedEntry): boolean => ['ServiceRequest', 'QuestionnaireResponse'].includes(resource.resourceType);
  return { focus: named.filter(isFocus), include: named.filter((entry) => !isFocus(entry)) };
}
