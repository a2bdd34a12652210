import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';

/** Ends the command with the process that runs this test, also where that is killed. */
const endsWithUs = '--import=data:text/javascript,process.stdin.once("end",()=>process.exit()).resume().unref()';

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('the start command of an example', () => {
  const browser = chromium as Browser;
  afterAll(() => browser.close());

  it.each([
    ['script-tag', 'Refer Amy Shaw'],
    ['medplum-referral', 'Amy Shaw'],
  ])('%s says where to click: the app, launched for a patient; and stops on Ctrl-C', async (name, heading) => {
    const cwd = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
    const command = spawn(process.execPath, [endsWithUs, '--conditions=@fhir-messaging/source', 'start.ts'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(command, 'exit');
    let said = '';
    try {
      for await (const chunk of command.stdout) {
        said += String(chunk);
        if (command.killed || !said.includes('Ctrl-C stops')) continue;
        const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/\?iss=\S+/.exec(said) ?? [];
        const tab = await browser.newPage();
        await tab.goto(url);
        await tab.getByRole('heading', { name: heading }).waitFor();
        await tab.close();
        command.kill('SIGINT');
      }
    } finally {
      command.kill('SIGKILL');
    }

    expect(await exited).toEqual([0, null]);
    expect(said).toContain('Stopped.');
  });
});
