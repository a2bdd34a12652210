import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { pickOrder, received, sendReferral } from './smart-referral-desk.ts';

const example = fileURLToPath(new URL('../../examples/smart-referral', import.meta.url));
/** Ends the command with the process that runs this test, also where that is killed. */
const endsWithUs = '--import=data:text/javascript,process.stdin.once("end",()=>process.exit()).resume().unref()';

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)("the example's one command", () => {
  const browser = chromium as Browser;

  afterAll(async () => {
    await browser.close();
  });

  it('comes up as in a fresh clone, says where to click, refers a patient, speaks to nothing beyond loopback, and stops on Ctrl-C', async () => {
    // What Vite keeps of an earlier run is no part of a clone.
    await rm(`${example}/node_modules/.vite`, { recursive: true, force: true });
    const child = spawn(process.execPath, [endsWithUs, '--conditions=@fhir-messaging/source', 'start.ts'], { cwd: example, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'development' } });
    const exited = once(child, 'exit');
    const tab = await browser.newPage();
    try {
      let said = '';
      for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
        said += String(chunk);
        if (said.includes('Ctrl-C')) break;
      }
      const [url = ''] = /http:\S+launch\?\S+/.exec(said) ?? [];
      const hosts = new Set<string>();
      tab.on('request', (request) => hosts.add(new URL(request.url()).hostname));
      tab.setDefaultTimeout(40_000);

      await tab.goto(url);
      await pickOrder(tab);
      await sendReferral(tab);
      await received(tab);

      expect([...hosts].filter((host) => host !== '')).toEqual(['127.0.0.1']);
      child.kill('SIGINT');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await tab.close();
    }
  });
});
