import { type SandboxOptions } from '@fhir-messaging/sandbox';
import { type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { serveSmartReferral, type ServedApp } from './smart-referral-app.ts';
import { sitDown, type Desk } from './smart-referral-desk.ts';

/** The example app, and the desk of the test that runs. */
export interface AtSmartReferral {
  readonly app: ServedApp;
  readonly desk: Desk;
}

/** How each test begins. */
export interface Arrival {
  readonly mode?: Parameters<typeof serveSmartReferral>[0];
  readonly sandbox?: SandboxOptions;
  /** What is done before each test. */
  readonly arrive?: (desk: Desk, app: ServedApp) => Promise<unknown>;
}

/** Serves the example app for the tests of a block, and sits down before each: it fails where the browser complains about anything. */
export function atSmartReferral(browser: Browser, { mode, sandbox, arrive }: Arrival = {}): AtSmartReferral {
  let app: ServedApp;
  let desk: Desk;
  beforeAll(async () => {
    app = await serveSmartReferral(mode);
  });
  beforeEach(async () => {
    desk = await sitDown(browser, sandbox);
    await arrive?.(desk, app);
  });
  afterEach(async () => {
    const { complaints } = desk;
    await desk.leave();
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });
  return {
    get app() {
      return app;
    },
    get desk() {
      return desk;
    },
  };
}
