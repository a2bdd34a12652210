import { createSandbox, type Sandbox, type SandboxOptions } from '@fhir-messaging/sandbox';
import { type Browser, type BrowserContext, type Frame, type Page } from 'playwright-core';
import { layNetwork } from './network.ts';
import { type ServedApp } from './smart-referral-app.ts';

/** Somebody at a screen: a sandbox, a browser window, and the example app. */
export interface Desk {
  readonly sandbox: Sandbox;
  readonly tab: Page;
  readonly context: BrowserContext;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
  /** What it said of requests that failed: the subject of most of these tests. */
  readonly failures: readonly string[];
  /** Closes the tab, and opens an empty one. */
  readonly reopen: () => Promise<Page>;
  /** Takes the network away, in the middle of whatever is on its way; and gives it back. */
  readonly unplug: () => Promise<void>;
  readonly plugIn: () => Promise<void>;
  /** Lets the answers go that the fault `delay` holds back. */
  readonly letGo: () => void;
  readonly leave: () => Promise<void>;
}

/** Sits down: in a window of its own, with no network but the loopback address. */
export async function sitDown(browser: Browser, options: SandboxOptions = {}): Promise<Desk> {
  const held = new Set<() => void>();
  // The fault `delay` holds an answer until the test lets it go, the app hangs up, or the sandbox closes: no test waits for a clock.
  const sleep = (_: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      held.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  const sandbox = await createSandbox({ sleep, ...options });
  const network = await layNetwork();
  const context = await browser.newContext({ proxy: { server: network.server }, bypassCSP: true, viewport: { width: 1280, height: 900 }, locale: 'en-US', reducedMotion: 'reduce' });
  const complaints: string[] = [];
  const failures: string[] = [];
  const openTab = async (): Promise<Page> => {
    const tab = await context.newPage();
    tab.setDefaultTimeout(30_000);
    tab.on('pageerror', ({ message }) => complaints.push(message));
    tab.on('console', (said) => {
      if (said.type() === 'error') (said.text().startsWith('Failed to load resource') ? failures : complaints).push(said.text());
    });
    return tab;
  };
  let tab = await openTab();
  return {
    sandbox,
    get tab() {
      return tab;
    },
    context,
    complaints,
    failures,
    async reopen() {
      await tab.close();
      tab = await openTab();
      return tab;
    },
    async unplug() {
      await context.setOffline(true);
      network.cut();
    },
    async plugIn() {
      network.mend();
      await context.setOffline(false);
    },
    letGo: () => held.forEach((release) => release()),
    async leave() {
      await context.close();
      await sandbox.close();
      network.stop();
    },
  };
}

/** The ways in which the app is opened; each gives what shows the app. */
export const launches = {
  'from the EHR': async ({ tab, sandbox }: Desk, app: ServedApp): Promise<Page | Frame> => {
    await tab.goto(ehrLaunch(sandbox, app));
    return tab;
  },
  'by itself': async ({ tab, sandbox }: Desk, app: ServedApp): Promise<Page | Frame> => {
    await tab.goto(app.launchPage);
    await tab.getByLabel('Address of the record’s FHIR server').fill(sandbox.baseUrl);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByLabel('Patient').selectOption('amy-shaw');
    await tab.getByRole('button', { name: 'Allow' }).click();
    return tab;
  },
  'in a frame of another site': async ({ tab, sandbox }: Desk, app: ServedApp): Promise<Page | Frame> => {
    await tab.goto(ehrLaunch(sandbox, app, { frame: 'yes' }));
    const frame = await (await tab.waitForSelector('iframe')).contentFrame();
    if (frame === null) throw new Error('The EHR shows no frame.');
    return frame;
  },
} as const;

/** Opened from the EHR by somebody in particular. */
export async function launchAs({ tab, sandbox }: Desk, app: ServedApp, more: Readonly<Record<string, string>>): Promise<void> {
  await tab.goto(ehrLaunch(sandbox, app, more));
  await tab.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();
}

function ehrLaunch({ ehrUrl }: Sandbox, { launchPage }: ServedApp, more: Readonly<Record<string, string>> = {}): string {
  return `${ehrUrl}launch?${new URLSearchParams({ app: launchPage, user: 'Practitioner/nadia-holm', patient: 'amy-shaw', visit: 'yes', ...more })}`;
}

/** Picks the order, and waits until its referral is put together. */
export async function pickOrder(screen: Page | Frame): Promise<void> {
  await screen.getByRole('button', { name: 'Outpatient therapy, anxiety' }).click();
  await screen.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
}

/** Sends the referral, and waits until it was received. */
export async function sendReferral(screen: Page | Frame): Promise<void> {
  await press(screen, 'Send the referral');
  await received(screen);
}

/** Sends a change of it, and waits until it was received. */
export async function sendChange(screen: Page | Frame): Promise<void> {
  await screen.getByLabel('Urgent', { exact: true }).check();
  await press(screen, 'Send the change');
  await screen.getByRole('heading', { name: '2 versions of one referral' }).waitFor();
}

export const received = (screen: Page | Frame): Promise<void> => screen.getByRole('heading', { name: 'The referral was received' }).waitFor();

export const press = (screen: Page | Frame, button: string): Promise<void> => screen.getByRole('button', { name: button, exact: true }).click();

/** What the panel says of the sending: of the referral, or of the change. */
export const says = (screen: Page | Frame, title: string, what = 'the referral'): Promise<void> =>
  screen.getByRole('region', { name: `Sending ${what}`, exact: true }).getByRole('heading', { name: title, exact: true }).waitFor();

/** What the referral manager holds: how many versions each referral has, and how urgent the last one is. */
export function heldBy({ referrals }: Sandbox): readonly { readonly versions: number; readonly urgency: string | undefined }[] {
  return [...referrals.values()].map(({ versions }) => ({ versions: versions.length, urgency: versions.at(-1)?.graph.all('ServiceRequest')[0]?.priority }));
}

/** What came to the server: each request's event, message and answer. */
export const requestsTo = ({ arrivals }: Sandbox): readonly (readonly [event: string | undefined, status: number | undefined])[] => arrivals.map(({ event, status }) => [event, status]);

/** How many different messages the requests carried. */
export const messagesIn = ({ arrivals }: Sandbox): number => new Set(arrivals.map(({ messageId }) => messageId)).size;

/** Waits until something is so at the server; bounded by the test's own time. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
