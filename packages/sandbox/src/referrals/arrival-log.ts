import type { Arrival } from './arrival.ts';

/** The requests that came to `$process-message`. */
export interface ArrivalLog {
  readonly arrivals: readonly Arrival[];
  /** The number and the time of the next arrival. */
  next(): Pick<Arrival, 'number' | 'at'>;
  add(arrival: Arrival): void;
}

/** How many arrivals are kept. */
const maxArrivals = 500;

/** A log without arrivals. */
export function createArrivalLog(now: () => number, onChange: () => void): ArrivalLog {
  const arrivals: Arrival[] = [];
  let lastNumber = 0;
  return {
    arrivals,
    next: () => ({ number: (lastNumber += 1), at: new Date(now()) }),
    add(arrival) {
      arrivals.push(arrival);
      arrivals.splice(0, arrivals.length - maxArrivals);
      onChange();
    },
  };
}
