import { html } from 'hono/html';
import type { Fault } from '../faults/fault.ts';
import type { Arrival } from '../referrals/arrival.ts';
import type { Referral } from '../referrals/referral.ts';
import { dataTable } from './data-table.ts';
import { activeFaults, faultForm, faultInWords } from './fault-form.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { timeOf } from './time-of.ts';

/** The present state of the referral manager. */
export interface ManagerView {
  readonly referrals: readonly Referral[];
  readonly arrivals: readonly Arrival[];
  readonly faults: readonly Fault[];
}

/** The referral manager's page: referrals, the requests that came, and the faults. */
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
  return dataTable(
    'Referrals',
    ['Referral', 'For', 'Patient', 'Status', 'Versions'],
    referrals.map(({ url, versions }) => {
      const graph = versions.at(-1)?.graph;
      const [order, patient] = [graph?.all('ServiceRequest')[0], graph?.all('Patient')[0]];
      const [name] = patient?.name ?? [];
      const spoken = name?.text ?? [name?.given?.[0], name?.family].filter((part) => part !== undefined).join(' ');
      return [
        html`<a href="/manager/referral?${new URLSearchParams({ url }).toString()}">${url.split('/').at(-1)}</a>`,
        order?.code?.text ?? order?.code?.coding?.[0]?.display ?? 'not said',
        spoken || (patient?.id ?? 'not said'),
        [order?.status, order?.priority].filter((part) => part !== undefined).join(', '),
        versions.length,
      ];
    }),
  );
}

function arrivalTable(arrivals: readonly Arrival[]): Html {
  return dataTable(
    'Requests',
    ['Request', 'Time', 'Event', 'Message id', 'Answer', 'Issues'],
    arrivals.toReversed().map(({ number, at, event, messageId, status, fault, issues }) => [
      html`<a href="/manager/request/${number}">${number}</a>`,
      timeOf(at),
      event ?? 'none that could be read',
      html`<code>${messageId ?? 'none'}</code>`,
      html`${status ?? 'the connection was broken off'}${fault === undefined ? '' : html` <span class="soft">(fault: ${faultInWords(fault)})</span>`}`,
      issues.length,
    ]),
  );
}
