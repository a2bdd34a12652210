import { faultKinds, isFaultKind } from './fault.ts';
import type { Fault, FaultKind } from './fault.ts';

/**
 * The faults that are switched on. Of several that could strike a request, the one switched on first does; but `transient-error` and `fatal-error` are
 * replies to any message that is processed, and `delay`, `drop-reply`, `unreadable-reply` or `accepted` may strike them too.
 */
export interface FaultSwitches {
  /** The faults that are still to strike, with the times that are left. */
  readonly active: readonly Fault[];
  /** @throws {TypeError} for a kind that there is not. */
  switchOn(fault: Fault | FaultKind): void;
  /** Switches off one kind, or all. */
  switchOff(kind?: FaultKind): void;
}

/** The switches, for code that lets faults strike. */
export interface FaultSource extends FaultSwitches {
  /** Takes one strike of the first fault among `kinds`; none where a fault among `others` was switched on before it. */
  take(kinds: readonly FaultKind[], others?: readonly FaultKind[]): Fault | undefined;
}

/** The switches of one sandbox. */
export function createFaultSwitches(initial: readonly (Fault | FaultKind)[], onChange: () => void): FaultSource {
  let active = initial.map(asFault);
  const become = (faults: readonly Fault[]): void => {
    active = faults.filter(({ times = 1 }) => times > 0);
    onChange();
  };
  return {
    get active() {
      return active;
    },
    switchOn: (fault) => become([...active, asFault(fault)]),
    switchOff: (kind) => become(kind === undefined ? [] : active.filter((fault) => fault.kind !== kind)),
    take(kinds, others = []) {
      const next = active.find(({ kind }) => kinds.includes(kind) || others.includes(kind));
      if (next === undefined || !kinds.includes(next.kind)) {
        return undefined;
      }
      become(active.map((fault) => (fault === next ? { ...fault, times: (fault.times ?? 1) - 1 } : fault)));
      return next;
    },
  };
}

function asFault(fault: Fault | FaultKind): Fault {
  const asked = typeof fault === 'string' ? { kind: fault } : fault;
  if (!isFaultKind(asked.kind)) {
    throw new TypeError(`There is no fault ${String(asked.kind)}: there are ${faultKinds.join(', ')}.`);
  }
  return asked;
}
