import { diffGraphs, renameEntry } from '@fhir-messaging/core';
import type { BundleGraph, ChangedEntry, Issue, NamedEntry, ReplyContent } from '@fhir-messaging/core';
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
    .on(submitServiceRequest, ({ graph }): ReplyContent => {
      const issues = unresolvedReferences(graph);
      if (issues.length > 0) {
        return { code: 'fatal-error', issues };
      }
      const stored = nameNewResources(graph);
      referrals.set(referralUrl(stored), [stored]);
      return echo(stored);
    })
    .on(updateServiceRequest, ({ graph }): ReplyContent => {
      const versions = referrals.get(referralUrl(graph));
      if (versions === undefined) {
        const diagnostics = 'No referral of that id was submitted.';
        return { code: 'fatal-error', issues: [{ severity: 'error', code: 'not-found', diagnostics }] };
      }
      const issues = unresolvedReferences(graph);
      if (issues.length > 0) {
        return { code: 'fatal-error', issues };
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

/** An error for each reference of a resource that leads nowhere: named here, what has no server would be of ours, and no reply could echo the rest. */
function unresolvedReferences(graph: BundleGraph): readonly Issue[] {
  return graph.unresolved().flatMap(({ from, path, kind }): Issue[] => {
    const position = graph.entries.findIndex(({ key }) => key === from);
    const expression = [`Bundle.entry[${position}].resource${path.slice(path.indexOf('.'))}`];
    const diagnostics = 'This leads nowhere. What the message does not carry is referred to by its URL on its server.';
    return position === 0 || kind === 'external' ? [] : [{ severity: 'error', code: 'business-rule', diagnostics, expression }];
  });
}

/** As Netsmart replies: the resources, with the ids that they have now. */
function echo(graph: BundleGraph): ReplyContent {
  const named = graph.entries.slice(1).flatMap(({ fullUrl, resource }): NamedEntry[] => (fullUrl !== undefined && resource ? [{ fullUrl, resource }] : []));
  const isFocus = ({ resource }: NamedEntry): boolean => ['ServiceRequest', 'QuestionnaireResponse'].includes(resource.resourceType);
  return { focus: named.filter(isFocus), include: named.filter((entry) => !isFocus(entry)) };
}
