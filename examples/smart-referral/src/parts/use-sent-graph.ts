import type { BundleGraph } from '@fhir-messaging/core';
import { useState } from 'react';
import type { Sending } from './sending.ts';

/** What was sent last, and the presses that send. */
interface SentGraph {
  /** The graph that the last message was made of; `undefined` where nothing was sent. */
  readonly sent: BundleGraph | undefined;
  readonly submit: (graph: BundleGraph) => void;
  readonly submitAnyway: () => void;
}

/** Remembers which graph went out last, so that a screen can tell whether it was changed since. */
export function useSentGraph(sending: Sending, first: BundleGraph | undefined): SentGraph {
  const [sent, setSent] = useState(first);
  const [asked, setAsked] = useState<BundleGraph>();
  return {
    sent,
    submit(graph) {
      void sending.submit(graph);
      // A question sends nothing yet.
      if (sending.getState().kind === 'mayHaveArrived') setAsked(graph);
      else setSent(graph);
    },
    submitAnyway() {
      setSent(asked);
      void sending.submitAnyway();
    },
  };
}
