import { useState } from 'react';

/**
 * A value made of some parts, and the very same as long as the parts are: that is promised, unlike by `useMemo`, which may forget the value, and with
 * it that a message may have arrived.
 */
export function useKept<T>(make: () => T, parts: readonly unknown[]): T {
  const [kept, keep] = useState(() => ({ parts, value: make() }));
  if (kept.parts.every((part, position) => part === parts[position])) {
    return kept.value;
  }
  const next = { parts, value: make() };
  keep(next);
  return next.value;
}
