import { html } from 'hono/html';
import { changesOf } from '../referrals/referral.ts';
import type { Referral, ReferralVersion } from '../referrals/referral.ts';
import { dataTable } from './data-table.ts';
import type { Cell } from './data-table.ts';
import { nameOf } from './draw-graph.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { timeOf } from './time-of.ts';
import { valueAt } from './value-at.ts';

/** One referral: its versions side by side, and what each changed. */
export function referralPage(referral: Referral): Html {
  const { url, versions } = referral;
  return layout({
    title: `Referral ${url.split('/').at(-1) ?? ''}`,
    content: html`<p><a href="/manager">Back to the referral manager</a></p>
      <h1>Referral ${url.split('/').at(-1)}</h1>
      <p id="live-status" role="status" class="soft">This page shows by itself what arrives.</p>
      <div data-live>
        <p>Known as <code>${url}</code>.</p>
        <h2>Versions</h2>
        <div class="versions">${versions.map(versionCard)}</div>
        ${versions.slice(1).map((_, index) => changesTable(referral, index + 1))}
      </div>`,
  });
}

function versionCard({ graph, received }: ReferralVersion, index: number): Html {
  const order = graph.all('ServiceRequest')[0];
  return html`<section class="version" aria-labelledby="version-${index + 1}">
    <h3 id="version-${index + 1}">Version ${index + 1}</h3>
    <dl>
      <dt>Event</dt><dd>${received.event}</dd>
      <dt>Time</dt><dd>${timeOf(received.at)}</dd>
      <dt>From</dt><dd>${received.sender}</dd>
      <dt>For</dt><dd>${order?.code?.text ?? ''}</dd>
      <dt>Status</dt><dd>${order?.status}</dd>
      <dt>Priority</dt><dd>${order?.priority ?? 'not said'}</dd>
    </dl>
    <details id="resources-${index + 1}">
      <summary>${graph.size - 1} resources</summary>
      <ul>
        ${graph.entries.slice(1).map(({ key }) => html`<li>${nameOf(graph, key)}</li>`)}
      </ul>
    </details>
  </section>`;
}

function changesTable(referral: Referral, index: number): Html {
  const changes = changesOf(referral, index);
  const [before, after] = [referral.versions[index - 1]?.graph, referral.versions[index]?.graph];
  if (changes === undefined || before === undefined || after === undefined) {
    return html``;
  }
  const rows = [
    ...changes.changed.flatMap(({ key, patch }) =>
      patch.map(({ path }) => row(nameOf(after, key), path.slice(1).replaceAll('/', '.'), valueAt(before.get(key), path), valueAt(after.get(key), path))),
    ),
    ...changes.added.map(({ key }) => row(nameOf(after, key), 'the whole resource', undefined, 'new')),
    ...changes.removed.map(({ key }) => row(nameOf(before, key), 'the whole resource', 'no longer sent', undefined)),
  ];
  const title = `What version ${index + 1} changed`;
  return html`<h2>${title}</h2>
    ${rows.length === 0 ? html`<p>Nothing: both say the same.</p>` : dataTable(title, ['Resource', 'Element', `Version ${index}`, `Version ${index + 1}`], rows)}`;
}

function row(resource: string, element: string, before: string | undefined, after: string | undefined): readonly Cell[] {
  return [
    resource,
    html`<code>${element}</code>`,
    before === undefined ? 'not there' : html`<del>${before}</del>`,
    after === undefined ? 'not there' : html`<ins>${after}</ins>`,
  ];
}
