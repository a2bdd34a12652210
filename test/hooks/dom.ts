// A document for react-dom, and nothing else of a browser: fetch, AbortController and the timers stay Node's own.
import { Window } from 'happy-dom';
import { afterEach, expect, vi } from 'vitest';

const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });

// React says what it finds wrong (an update outside of act, a mismatch, a state set while rendering another component) here, and only here.
const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);

afterEach(() => {
  const said = complaints.mock.calls.map(String);
  complaints.mockClear();
  expect(said).toEqual([]);
});
