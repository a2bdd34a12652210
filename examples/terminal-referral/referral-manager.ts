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
  /** A reference without a server would mean a resource of ours, once its holder is one: what has such is not taken. */
  const nameNewResources = (graph: BundleGraph): { readonly stored: BundleGraph; readonly issues: readonly Issue[] } => {
    const issues: Issue[] = [];
    const report = (issue: Issue): void => void issues.push({ ...issue, code: 'business-rule' });
    const stored = graph.entries
      .slice(1)
      .filter(({ key }) => key.startsWith('urn:'))
      .reduce((named, { key, resource }) => renameEntry(named, key, `${baseUrl}/${resource?.resourceType ?? ''}/${(lastNumber += 1)}`, { report }), graph);
    return { stored, issues };
  };

  const receiver = createReceiver({ source: baseUrl, identity: netsmart, cache: memoryCache() })
    .on(submitServiceRequest, ({ graph }): ReplyContent => {
      const { stored, issues } = nameNewResources(graph);
      if (issues.length > 0) {
        return { code: 'fatal-error', issues };
      }
      referrals.set(referralUrl(stored), [stored]);
      return echo(stored);
    })
    .on(updateServiceRequest, ({ graph }): ReplyContent => {
      const versions = referrals.get(referralUrl(graph));
      if (versions === undefined) {
        const diagnostics = 'No referral of that id was submitted.';
        return { code: 'fatal-error', issues: [{ severity: 'error', code: 'not-found', diagnostics }] };
      }
      const { stored, issues } = nameNewResources(graph);
      if (issues.length > 0) {
        return { code: 'fatal-error', issues };
      }
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

/** As Netsmart replies: the resources, with the ids that they have now. */
function echo(graph: BundleGraph): ReplyContent {
  const named = graph.entries.slice(1).flatMap(({ fullUrl, resource }): NamedEntry[] => (fullUrl !== undefined && resource ? [{ fullUrl, resource }] : []));
  const isFocus = ({ resource }: NamedEntry): boolean => ['ServiceRequest', 'QuestionnaireResponse'].includes(resource.resourceType);
  return { focus: named.filter(isFocus), include: named.filter((entry) => !isFocus(entry)) };
}
