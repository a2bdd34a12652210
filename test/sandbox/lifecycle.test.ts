import { createSandbox } from '@fhir-messaging/sandbox';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signedIn } from './referral.ts';

const bin = fileURLToPath(new URL('../../packages/sandbox/bin/sandbox.js', import.meta.url));

it('that recognises a message for no time is refused, and holds no port', async () => {
  const { port } = new URL((await createSandbox().then(async (sandbox) => (await sandbox.close(), sandbox))).baseUrl);

  await expect(createSandbox({ port: Number(port), reliableCacheMinutes: 0 })).rejects.toThrow(TypeError);
  await (await createSandbox({ port: Number(port) })).close();
});

describe('a sandbox that is closed', () => {
  it('ends what waits, live pages among it, and its port is free', async () => {
    const sandbox = await createSandbox({ faults: [{ kind: 'delay', delayMs: 3_600_000 }] });
    const { messenger, message } = await signedIn(sandbox, { retry: { maxAttempts: 1 } });
    const live = await fetch(`${sandbox.managerUrl}/events`);
    const sending = messenger.send(message).catch((error: unknown) => error);
    const events = live.body!.getReader();
    while (sandbox.messages.length === 0) await events.read();

    await sandbox.close();
    const next = await createSandbox({ port: Number(new URL(sandbox.baseUrl).port) });

    expect(await sending).toMatchObject({ name: 'MessagingError' });
    await readToEnd(events).catch(() => undefined);
    expect(next.baseUrl).toBe(sandbox.baseUrl);
    expect([next.referrals.size, next.arrivals.length]).toEqual([0, 0]);
    await next.close();
  });
});

async function readToEnd(events: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await events.read()).done);
}

describe('the command', () => {
  it('says where to click, listens on 127.0.0.1 only, and stops on Ctrl-C', async () => {
    const command = spawn(process.execPath, ['--conditions=@fhir-messaging/source', bin, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    const exited = once(command, 'exit');
    for await (const chunk of command.stdout) {
      said += String(chunk);
      if (!command.killed && said.includes('Ctrl-C stops it')) {
        const [ehr = ''] = /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/.exec(said) ?? [];
        expect(await (await fetch(ehr)).text()).toContain('Launch your app');
        await expect(fetch(ehr.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow();
        command.kill('SIGINT');
      }
    }

    expect(await exited).toEqual([0, null]);
    expect(said).toContain('Stopped.');
  });

  it('says how it is called to who asks', async () => {
    const command = spawn(process.execPath, ['--conditions=@fhir-messaging/source', bin, '--help'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, [code]] = await Promise.all([new Response(command.stdout as never).text(), once(command, 'exit')]);

    expect([code, said]).toEqual([0, expect.stringContaining('--port')]);
  });

  it('says how it is called, where it is called otherwise', async () => {
    const command = spawn(process.execPath, ['--conditions=@fhir-messaging/source', bin, '--port', 'many'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([new Response(command.stderr as never).text(), once(command, 'exit')]);

    expect([code, said]).toEqual([2, expect.stringContaining('--port')]);
  });
});
