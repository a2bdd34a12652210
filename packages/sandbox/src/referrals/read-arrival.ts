import { checkMessage, eventNameOf, isSameEvent, parseGraph, toIssues } from '@fhir-messaging/core';
import type { Resource } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import type { Arrival } from './arrival.ts';

/** The readable facts of a request's body, which may be anything. */
export type ArrivalContent = Pick<Arrival, 'event' | 'messageId' | 'graph' | 'issues'>;

/** Reads a body for the page, leniently: its errors are in the issues. */
export function readArrival(text: string): ArrivalContent {
  try {
    const graph = parseGraph<Resource>(text, { mode: 'lenient' });
    const name = eventNameOf(graph.header);
    const event = name && [submitServiceRequest, updateServiceRequest].find((candidate) => isSameEvent(candidate, name));
    return { event: name?.coding?.code ?? name?.uri, messageId: graph.bundle.id, graph, issues: checkMessage(graph, { event, mode: 'lenient' }) };
  } catch (error) {
    return { event: undefined, messageId: undefined, graph: undefined, issues: toIssues(error) };
  }
}
