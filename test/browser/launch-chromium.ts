import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const inCI = process.env['CI'] !== undefined;

// Nothing of the browser's own goes out to the network.
const noise = 'HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,Translate';
// Chromium takes this list in place of Playwright's own, which switches off the storage that an app in a frame has in everybody's browser.
const quiet = [`--disable-features=${noise}`, '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];

/**
 * Starts Debian's Chromium, or the one at CHROMIUM_PATH. Where there is none: a failure in CI, elsewhere `undefined` and a loud word.
 */
export async function launchChromium(): Promise<Browser | undefined> {
  if (!existsSync(path)) {
    const missing = `No Chromium at ${path}: install it (Debian: apt-get install chromium), or say where it is in CHROMIUM_PATH.`;
    if (inCI) throw new Error(missing);
    console.warn(`\n*** SKIPPED: every browser test. ${missing}\n`);
    return undefined;
  }
  // CI runs as root in a container, where Chromium's sandbox cannot start.
  return chromium.launch({ executablePath: path, args: inCI ? ['--no-sandbox', ...quiet] : quiet });
}
