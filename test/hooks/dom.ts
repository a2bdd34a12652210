// A document for react-dom, and nothing else of a browser: fetch, AbortController and the timers stay Node's own.
import { Window } from 'happy-dom';

const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
