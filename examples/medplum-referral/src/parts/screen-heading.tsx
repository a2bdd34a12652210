import { Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { ReactElement, ReactNode } from 'react';

/** What a screen is called; it takes the focus, so that a new screen is noticed without eyes too. */
export function ScreenHeading({ children }: { readonly children: ReactNode }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Title order={2} size="h3" tabIndex={-1} ref={heading} style={{ outline: 'none' }}>
      {children}
    </Title>
  );
}
