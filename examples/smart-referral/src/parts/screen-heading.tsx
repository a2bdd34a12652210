import { useEffect, useRef } from 'react';
import type { ReactElement, ReactNode } from 'react';

/** A screen's heading: it takes the focus when its screen comes up, so that a keyboard and a screen reader begin there. */
export function ScreenHeading({ children }: { readonly children: ReactNode }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
