import { act } from 'react';
import type { ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { onTestFinished } from 'vitest';
import { until } from '../observers/ward.ts';
import type { Observed } from '@fhir-messaging/core';

/** What is on screen. */
export interface Screen {
  readonly text: () => string;
  /** Within an act of the test's own. */
  readonly showNow: (element: ReactElement) => void;
  readonly show: (element: ReactElement) => Promise<void>;
  /** Clicks the button of a name, within an act of the test's own. */
  readonly clickNow: (name: string) => void;
  /** Clicks the button of a name, `times` in one go, as fast as the platform tells of it. */
  readonly click: (name: string, times?: number) => Promise<void>;
  /** Waits until a text is shown, over as many turns as that takes. */
  readonly shows: (text: string) => Promise<void>;
  readonly leave: () => Promise<void>;
}

/** Shows an element until the test is over. */
export async function show(element: ReactElement): Promise<Screen> {
  const container = document.createElement('div');
  const root = createRoot(container);
  let isShown = true;
  const screen: Screen = {
    text: () => container.textContent,
    showNow: (next) => root.render(next),
    show: async (next) => await act(async () => root.render(next)),
    clickNow(name) {
      const button = [...container.querySelectorAll('button')].find(({ textContent }) => textContent === name);
      if (!button) throw new Error(`There is no button ${name} in: ${container.textContent}`);
      button.click();
    },
    click: async (name, times = 1) =>
      await act(async () => {
        for (let time = 0; time < times; time += 1) screen.clickNow(name);
      }),
    async shows(text) {
      while (isShown && !screen.text().includes(text)) await act(async () => await new Promise((resolve) => setImmediate(resolve)));
    },
    async leave() {
      if (isShown) await act(async () => root.unmount());
      isShown = false;
    },
  };
  onTestFinished(screen.leave);
  await screen.show(element);
  return screen;
}

/** Waits for a state, and for the screen to show it. */
export async function reached<TState extends { readonly kind: string }>(observed: Observed<TState>, ...kinds: TState['kind'][]): Promise<void> {
  await act(async () => void (await until(observed, ({ kind }) => kinds.includes(kind))));
}
