import { diffGraphs } from '@fhir-messaging/core';
import type { BundleGraph, GraphDifference } from '@fhir-messaging/core';
import type { ReceivedMessage } from './received-message.ts';

/** A referral, as the referral manager holds it. */
export interface Referral {
  /** The URL of its ServiceRequest at the referral manager. */
  readonly url: string;
  /** The submission first, then each update. */
  readonly versions: readonly ReferralVersion[];
}

/** One version of a referral. */
export interface ReferralVersion {
  /** The message's graph, with the referral manager's URLs for new resources. */
  readonly graph: BundleGraph;
  readonly received: ReceivedMessage;
}

/** The changes of a version against the one before it, without the header, which is new in every message. */
export function changesOf({ versions }: Referral, index: number): GraphDifference | undefined {
  const [before, after] = [versions[index - 1], versions[index]];
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const { added, removed, changed } = diffGraphs(before.graph, after.graph);
  const isContent = ({ key }: { readonly key: string }): boolean => key !== before.graph.entries[0]?.key && key !== after.graph.entries[0]?.key;
  return { added: added.filter(isContent), removed: removed.filter(isContent), changed: changed.filter(isContent) };
}

/** The URL of a message's ServiceRequest. */
export function referralUrlOf(graph: BundleGraph): string {
  return graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
}
