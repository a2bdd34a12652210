import { html } from 'hono/html';
import type { Fault } from '../faults/fault.ts';
import type { Arrival } from '../referrals/arrival.ts';
import type { Referral } from '../referrals/referral.ts';
import { activeFaults, faultForm, faultInWords } from './fault-form.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { timeOf } from './time-of.ts';

/** What the referral manager holds now. */
export interface ManagerView {
  readonly referrals: readonly Referral[];
  readonly arrivals: readonly Arrival[];
  readonly faults: readonly Fault[];
}

/** The referral manager: referrals, the requests that came, and what goes wrong on purpose. */
export function managerPage({ referrals, arrivals, faults }: ManagerView): Html {
  return layout({
    title: 'Referral manager',
    here: 'manager',
    content: html`<h1>Referral manager</h1>
      <p id="live-status" role="status" class="soft">This page shows by itself what arrives.</p>
      <div data-live>
        <h2>Referrals received: ${referrals.length}</h2>
        ${referrals.length === 0 ? html`<p>None yet. Launch an app from the <a href="/">EHR</a> and submit one.</p>` : referralTable(referrals)}
        <h2>Requests to $process-message: ${arrivals.length}</h2>
        ${arrivals.length === 0 ? html`<p>None yet.</p>` : arrivalTable(arrivals)}
        <h2>Faults that are switched on</h2>
        ${activeFaults(faults)}
      </div>
      <h2>Switch a fault on</h2>
      ${faultForm()}`,
  });
}

function referralTable(referrals: readonly Referral[]): Html {
  return html`<div class="scroll" role="region" aria-label="Referrals" tabindex="0">
    <table>
      <thead>
        <tr><th scope="col">Referral</th><th scope="col">For</th><th scope="col">Patient</th><th scope="col">Status</th><th scope="col">Versions</th></tr>
      </thead>
      <tbody>
        ${referrals.map(({ url, versions }) => {
          const graph = versions.at(-1)?.graph;
          const [order, patient] = [graph?.all('ServiceRequest')[0], graph?.all('Patient')[0]];
          return html`<tr>
            <th scope="row"><a href="/manager/referral?${new URLSearchParams({ url }).toString()}">${url.split('/').at(-1)}</a></th>
            <td>${order?.code?.text ?? order?.code?.coding?.[0]?.display ?? '(not said)'}</td>
            <td>${patient?.name?.[0]?.text ?? [patient?.name?.[0]?.given?.[0], patient?.name?.[0]?.family].filter(Boolean).join(' ')}</td>
            <td>${order?.status}${order?.priority === undefined ? '' : `, ${order.priority}`}</td>
            <td>${versions.length}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function arrivalTable(arrivals: readonly Arrival[]): Html {
  return html`<div class="scroll" role="region" aria-label="Requests" tabindex="0">
    <table>
      <thead>
        <tr><th scope="col">Request</th><th scope="col">Time</th><th scope="col">Event</th><th scope="col">Message id</th><th scope="col">Answer</th><th scope="col">Issues</th></tr>
      </thead>
      <tbody>
        ${arrivals.toReversed().map(
          ({ number, at, event, messageId, status, fault, issues }) =>
            html`<tr>
              <th scope="row"><a href="/manager/request/${number}">${number}</a></th>
              <td>${timeOf(at)}</td>
              <td>${event ?? 'none that could be read'}</td>
              <td><code>${messageId ?? ''}</code></td>
              <td>${status === undefined ? 'the connection was broken off' : status}${fault === undefined ? '' : html` <span class="soft">(fault: ${faultInWords(fault)})</span>`}</td>
              <td>${issues.length}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
