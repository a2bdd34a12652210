import type { BundleGraph, GraphDifference } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';
import type { ReactElement } from 'react';
import { elementInWords, namesAnotherPart, valueInWords } from '../words/element-in-words.ts';
import { nameInWords } from '../words/name-in-words.ts';

interface ChangeTableProps {
  readonly caption: string;
  readonly columns: readonly [before: string, after: string];
  readonly before: BundleGraph;
  readonly after: BundleGraph;
  readonly changes: GraphDifference<FhirResource>;
}

interface Row {
  readonly key: string;
  readonly part: string;
  readonly element: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What changed between two graphs, element by element; the envelope, which every message has anew, aside. */
export function ChangeTable({ caption, columns, before, after, changes }: ChangeTableProps): ReactElement {
  const rows = rowsOf(before, after, changes);
  if (rows.length === 0) {
    return <p className="soft">Nothing changed.</p>;
  }
  const [first, second] = columns;
  return (
    <table className="changes" role="table">
      <caption>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {['Part', 'What', first, second].map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={row.key} role="row">
            <th role="rowheader" scope="row" data-label="Part">
              {row.part}
            </th>
            <td role="cell" data-label="What">
              {row.element}
            </td>
            <td role="cell" data-label={first}>
              {row.before === undefined ? <span className="soft">not there</span> : <del>{row.before}</del>}
            </td>
            <td role="cell" data-label={second}>
              {row.after === undefined ? <span className="soft">not there</span> : <ins>{row.after}</ins>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function rowsOf(before: BundleGraph, after: BundleGraph, { added, removed, changed }: GraphDifference<FhirResource>): readonly Row[] {
  const envelopes = new Set([before, after].flatMap(({ header, entries }) => (header ? (entries[0]?.key ?? []) : [])));
  const isContent = ({ key }: { readonly key: string }): boolean => !envelopes.has(key);
  const whole = 'All of it';
  return [
    ...changed.filter(isContent).flatMap(({ key, patch }) => {
      const [earlier, later] = [before.get(key), after.get(key)];
      const type = later?.resourceType ?? '';
      return patch
        .filter(({ path }) => !namesAnotherPart(type, path))
        .map(({ path }): Row => ({ key: `${key} ${path}`, part: nameInWords(later).what, element: elementInWords(type, path), before: valueInWords(earlier, path), after: valueInWords(later, path) }));
    }),
    ...added.filter(isContent).map(({ key, resource }): Row => ({ key, part: nameInWords(resource).what, element: whole, before: undefined, after: nameInWords(resource).which })),
    ...removed.filter(isContent).map(({ key, resource }): Row => ({ key, part: nameInWords(resource).what, element: whole, before: nameInWords(resource).which, after: undefined })),
  ];
}
