import { createMessage, readReply } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Wait } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { sqliteCache } from '@fhir-messaging/storage/sqlite';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { admit, leaseMs, source } from './admission.ts';
import { startReplyServer } from './reply-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'killed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A receiver in another process, until it is killed; what it says, line by line. */
async function startReceiver(file: string, origin: string, stopsIn: string) {
  const path = fileURLToPath(new URL('killed-receiver.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@fhir-messaging/source', path, file, origin, stopsIn], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const port = await line();
  return {
    url: `http://127.0.0.1:${port}/$process-message?async=true`,
    line,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The next turn, whatever is waited for: the database's own clock says when a lease has run out. */
const nextTurn: Wait = () => new Promise(setImmediate);

describe('killed between acceptance and reply: after the restart the reply arrives', () => {
  it.each([
    ['handler', 'while the handler ran: it runs again', ['200'], 1],
    ['posting', 'after the handler, before the reply was taken: it does not run again, and the reply is the same', ['503', '200'], 0],
  ])('in the %s: %s', async (stopsIn, _, statuses, runsAgain) => {
    const file = join(folder, `${stopsIn}.db`);
    const server = await startReplyServer(...statuses);
    const message = createMessage(admit, { Patient: { resourceType: 'Patient', name: [{ family: 'Miller' }] } }, { source: `${server.origin}/r4` });
    const killed = await startReceiver(file, server.origin, stopsIn);
    const accepted = await fetch(killed.url, { method: 'POST', body: message.bytes, headers: { 'content-type': 'application/fhir+json' } });
    expect([accepted.status, await accepted.text()]).toEqual([200, '']);
    expect(await killed.line()).toBe('handled');
    if (stopsIn === 'posting') await server.nth(1);
    await killed.kill();

    const cache = sqliteCache(file, { leaseMs });
    let runs = 0;
    const restarted = createReceiver({
      source,
      cache,
      wait: nextTurn,
      replyTo: { origins: () => [server.origin], fetch: publicFetch({ privateOrigins: [server.origin] }) },
    }).on(admit, ({ payload }) => {
      runs += 1;
      return { focus: [payload.Patient] };
    });
    await restarted.resume();
    const reply = await server.nth(statuses.length);
    await restarted.close();
    cache.close();
    await server.stop();

    expect(readReply(reply.body, { request: message })).toMatchObject({ code: 'ok', matched: 'MessageHeader.id' });
    expect(reply.url).toBe('/r4/$process-message?async=true');
    expect(runs).toBe(runsAgain);
    expect(new Set(server.posted.map(({ body }) => body)).size).toBe(1);
  });
});
