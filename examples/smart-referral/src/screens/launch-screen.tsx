import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { ScreenHeading } from '../parts/screen-heading.tsx';

interface LaunchScreenProps {
  /** The server that the app was launched on; `null` where somebody opened the page. */
  readonly server: string | null;
  readonly authorize: (serverUrl: string) => Promise<void>;
}

/** On the way to the sign-in; asks for the server where nobody said which. */
export function LaunchScreen({ server, authorize }: LaunchScreenProps): ReactElement {
  const [problem, setProblem] = useState<string>();
  const go = (serverUrl: string): void => {
    authorize(serverUrl).catch((error: unknown) => setProblem(error instanceof Error ? error.message : 'The sign-in could not be reached.'));
  };
  useEffect(() => {
    if (server !== null) go(server);
  }, [server]);

  if (server !== null && problem === undefined) {
    return (
      <main className="start">
        <h1>Refer a patient</h1>
        <p role="status">On the way to your record’s sign-in…</p>
      </main>
    );
  }
  return (
    <main className="start">
      <ScreenHeading>Sign in to a record</ScreenHeading>
      {problem !== undefined && (
        <p className="notice" role="alert">
          The sign-in did not start. {problem}
        </p>
      )}
      <form
        className="card"
        action={(form) => {
          const serverUrl = form.get('server');
          if (typeof serverUrl === 'string') go(serverUrl.trim());
        }}
      >
        <label htmlFor="server">Address of the record’s FHIR server</label>
        <input id="server" name="server" type="url" required defaultValue={server ?? ''} placeholder="http://127.0.0.1:8410/fhir" aria-describedby="server-note" />
        <p id="server-note" className="soft">
          Whoever runs your record knows it. This example takes servers on this machine.
        </p>
        <button>Sign in</button>
      </form>
    </main>
  );
}
