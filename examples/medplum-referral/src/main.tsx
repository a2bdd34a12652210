import '@mantine/core/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openSession } from './session/open-session.ts';

// Once, outside of rendering: a code is exchanged for a token one time only.
const opening = openSession();
// Whoever renders shows why it failed.
opening.catch(() => undefined);

const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App opening={opening} />
    </StrictMode>,
  );
}
