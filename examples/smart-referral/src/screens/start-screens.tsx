import type { ReactElement } from 'react';
import { ScreenHeading } from '../parts/screen-heading.tsx';

/** While the sign-in ends. */
export function OpeningScreen(): ReactElement {
  return (
    <main className="start">
      <h1>Refer a patient</h1>
      <p role="status">Opening the patient’s record…</p>
    </main>
  );
}

/** When the app was opened by nobody, or could not be. */
export function ClosedScreen({ reason }: { readonly reason: string }): ReactElement {
  return (
    <main className="start">
      <ScreenHeading>Open this app from your EHR</ScreenHeading>
      <p>
        This app works inside a patient’s record. Open the patient in your EHR and start the app there, or{' '}
        <a href="./launch.html">sign in to a record yourself</a>.
      </p>
      <p className="notice">{reason}</p>
    </main>
  );
}
