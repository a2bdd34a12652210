import { html } from 'hono/html';
import { faultKinds } from '../faults/fault.ts';
import type { Fault, FaultKind } from '../faults/fault.ts';
import type { Html } from './layout.ts';

const words: Readonly<Record<FaultKind, string>> = {
  delay: 'Answer late',
  'drop-reply': 'Process it, but lose the reply',
  'unreadable-reply': 'Process it, and answer with what nobody can read',
  accepted: 'Process it, and say only that it was accepted (202)',
  unavailable: 'Refuse with 503, try later',
  throttled: 'Refuse with 429, too many requests',
  refused: 'Refuse with 422, for good',
  'transient-error': 'Reply transient-error',
  'fatal-error': 'Reply fatal-error',
  'expired-token': 'Expire the access token',
  'ended-session': 'End the session, so that somebody has to sign in again',
};

const often = [
  { value: '1', label: 'the next message' },
  { value: '2', label: 'the next two' },
  { value: 'always', label: 'all, until switched off' },
];

/** Switches a fault on. */
export function faultForm(): Html {
  return html`<form method="post" action="/manager/faults">
    <fieldset>
      <legend>Make something go wrong</legend>
      <div>
        <label for="kind">What</label>
        <select id="kind" name="kind">
          ${faultKinds.map((kind) => html`<option value="${kind}">${words[kind]}</option>`)}
        </select>
      </div>
      <div>
        <label for="times">For</label>
        <select id="times" name="times">
          ${often.map(({ value, label }) => html`<option value="${value}">${label}</option>`)}
        </select>
      </div>
      <div>
        <label for="seconds">Seconds late, or to wait (<code>Retry-After</code>)</label>
        <input id="seconds" name="seconds" type="number" min="0" max="600" value="5" />
      </div>
      <div><button>Switch on</button></div>
    </fieldset>
  </form>`;
}

/** The faults that are switched on, each with a button that ends it. */
export function activeFaults(faults: readonly Fault[]): Html {
  if (faults.length === 0) {
    return html`<p>Nothing goes wrong on purpose.</p>`;
  }
  return html`<ul class="switches">
    ${faults.map(
      ({ kind, times = 1 }, index) =>
        html`<li>
          ${words[kind]}: ${times === Infinity ? 'until switched off' : `${times} more`}
          <form class="inline" method="post" action="/manager/faults/off"><button class="plain" id="off-${index}" name="kind" value="${kind}">Switch off<span class="unseen"> ${words[kind]}</span></button></form>
        </li>`,
    )}
  </ul>`;
}

/** The words for a fault. */
export function faultInWords(kind: FaultKind): string {
  return words[kind];
}
