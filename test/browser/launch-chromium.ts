import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const inCI = process.env['CI'] !== undefined;

// Nothing of the browser's own goes out to the network.
const noise = 'HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,Translate';
// Chromium takes this list in place of Playwright's own, which switches off the storage that an app in a frame has in everybody's browser.
const quiet = [`--disable-features=${noise}`, '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];

// CI runs as root in a container, where Chromium's sandbox cannot start.
const options = { executablePath: path, args: inCI ? ['--no-sandbox', ...quiet] : quiet };

/** Whether there is a Chromium to test in: where there is none, a failure in CI, elsewhere a loud word. */
export function hasChromium(): boolean {
  if (existsSync(path)) return true;
  const missing = `No Chromium at ${path}: install it (Debian: apt-get install chromium), or say where it is in CHROMIUM_PATH.`;
  if (inCI) throw new Error(missing);
  console.warn(`\n*** SKIPPED: every browser test. ${missing}\n`);
  return false;
}

/** Starts Debian's Chromium, or the one at CHROMIUM_PATH; `undefined` where there is none. */
export async function launchChromium(): Promise<Browser | undefined> {
  return hasChromium() ? chromium.launch(options) : undefined;
}

/** Starts it on a profile of its own, which outlives it. */
export async function launchOnProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, options);
}

/** Kills the browser of a profile, and all its processes, as a dead battery would. */
export function killOnProfile(folder: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(`--user-data-dir=${folder}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It is over already.
    }
  }
}
