import { useEffect } from 'react';

/** Has the browser ask before the page is left, while something would be forgotten with it. */
export function useLeaveWarning(needed: boolean): void {
  useEffect(() => {
    if (!needed) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [needed]);
}
