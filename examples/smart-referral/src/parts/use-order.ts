import { useState } from 'react';

/**
 * The order that is looked at, such as `ServiceRequest/1`: kept with the page's place in the history, so that a reload comes back to it, and no link
 * can name it. It is of that record alone: who goes back after a launch for another patient does not come to the first one's order.
 */
export function useOrder(record: string): readonly [order: string | undefined, choose: (order: string | undefined) => void] {
  const [order, setOrder] = useState(() => {
    const kept: unknown = history.state;
    const isOfRecord = typeof kept === 'object' && kept !== null && 'record' in kept && kept.record === record;
    return isOfRecord && 'order' in kept && typeof kept.order === 'string' ? kept.order : undefined;
  });
  return [
    order,
    (chosen) => {
      history.replaceState({ record, order: chosen }, '');
      setOrder(chosen);
    },
  ];
}
