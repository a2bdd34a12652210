import { html } from 'hono/html';
import type { Html } from './layout.ts';
import type { Choice } from './people.ts';

/** A labelled list to choose one of. */
export function choose(name: string, label: string, choices: readonly Choice[]): Html {
  return html`<div>
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${choices.map(({ value, label: text }) => html`<option value="${value}">${text}</option>`)}
    </select>
  </div>`;
}
