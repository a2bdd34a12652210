import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';

/** The seconds until a time. It is not read out: what it counts down to is said when it begins. */
export function Countdown({ untilMs }: { readonly untilMs: number }): ReactElement {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  return (
    <p className="countdown" aria-hidden="true">
      in {seconds} s
    </p>
  );
}
