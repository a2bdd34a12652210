import type { ReactElement } from 'react';

const steps = { choose: 'Choose the order', check: 'Check and send', follow: 'Follow up' } as const;

/** Where one is on the way. */
export function Steps({ current }: { readonly current: keyof typeof steps }): ReactElement {
  return (
    <nav aria-label="Steps">
      <ol className="steps">
        {Object.entries(steps).map(([step, label]) => (
          <li key={step} aria-current={step === current ? 'step' : undefined}>
            {label}
          </li>
        ))}
      </ol>
    </nav>
  );
}
