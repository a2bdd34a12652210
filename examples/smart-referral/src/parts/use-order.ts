import { useState } from 'react';

/** The order that is looked at, such as `ServiceRequest/1`: kept with the page's place in the history, so that a reload comes back to it, and no link can name it. */
export function useOrder(): readonly [order: string | undefined, choose: (order: string | undefined) => void] {
  const [order, setOrder] = useState(() => {
    const kept: unknown = history.state;
    return typeof kept === 'string' ? kept : undefined;
  });
  return [
    order,
    (chosen) => {
      history.replaceState(chosen, '');
      setOrder(chosen);
    },
  ];
}
