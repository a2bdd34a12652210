import { toMermaid } from '@fhir-messaging/core';
import { html } from 'hono/html';
import type { Arrival } from '../referrals/arrival.ts';
import { drawGraph } from './draw-graph.ts';
import { faultInWords } from './fault-form.ts';
import { issueList } from './issue-list.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { timeOf } from './time-of.ts';

/** One request: its outcome, the message's graph, its issues, and the whole message. */
export function arrivalPage({ number, at, sender, event, messageId, graph, issues, status, fault }: Arrival): Html {
  return layout({
    title: `Request ${number}`,
    content: html`<p><a href="/manager">Back to the referral manager</a></p>
      <h1>Request ${number}: ${event ?? 'no message'}</h1>
      <dl>
        <dt>Time</dt><dd>${timeOf(at)}</dd>
        <dt>From</dt><dd>${sender ?? 'nobody that is known: its token is none'}</dd>
        <dt>Message</dt><dd><code>${messageId ?? 'without id'}</code></dd>
        <dt>Answer</dt><dd>${status ?? 'none: the connection was broken off'}</dd>
        ${fault === undefined ? '' : html`<dt>Fault</dt><dd>${faultInWords(fault)}</dd>`}
      </dl>
      <h2>Issues</h2>
      ${issueList(issues)}
      ${graph === undefined || graph.size === 0
        ? ''
        : html`<h2>The message's graph</h2>
            ${drawGraph(graph, issues)}
            <details id="mermaid"><summary>As Mermaid</summary><pre tabindex="0">${toMermaid(graph, { issues })}</pre></details>
            <h2>The message</h2>
            <details id="bundle"><summary>The Bundle as JSON</summary><pre tabindex="0">${JSON.stringify(graph.bundle, undefined, 2)}</pre></details>`}`,
  });
}
