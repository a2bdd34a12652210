import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openSession } from './session/open-session.ts';
import './style.css';

// Once, outside of rendering: the code of a launch can be exchanged for a token one time only.
const session = openSession();

const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App session={session} />
    </StrictMode>,
  );
}
