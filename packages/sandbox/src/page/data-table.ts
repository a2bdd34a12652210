import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A cell: text, or a piece of a page. */
export type Cell = string | number | Html | undefined;

/**
 * A table whose rows become cards on a narrow screen; the roles keep it a table there too. The first cell of a row names it.
 */
export function dataTable(name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (cells) =>
            html`<tr role="row">
              ${cells.map((cell, index) =>
                index === 0 ? html`<th role="rowheader" scope="row" data-label="${columns[index]}">${cell}</th>` : html`<td role="cell" data-label="${columns[index]}">${cell}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
