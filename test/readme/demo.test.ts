import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../../examples/terminal-referral/demo.ts', import.meta.url));
const sample = fileURLToPath(new URL('../fixtures/netsmart-update-request.json', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@fhir-messaging/source', demo, ...parameters], { env: { ...process.env, NO_COLOR: '1' } });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

async function runOn(content: string | Uint8Array): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const file = join(folder, 'message.json');
  await writeFile(file, content);
  const ended = await run(file);
  await rm(folder, { recursive: true });
  return ended;
}

describe('the demo', () => {
  it('ends well, with both replies ok', async () => {
    const { code, output } = await run();

    expect(output).toContain('✓ submit-service-request: ok\n  ✓ update-service-request: ok');
    expect(code).toBe(0);
  });

  it("checks and draws a file, sends it, and ends badly where the referral manager refuses it", async () => {
    const { code, output } = await run(sample);

    expect(output).toContain('11 entries');
    expect(output).toContain('header.source');
    expect(output).toContain('e0 -->|"focus#91;0#93;"| e1');
    expect(output).toContain('The reply: fatal-error');
    expect(output).toContain('No referral of that id was submitted.');
    expect(output).toContain('✗ This should be so, and is not: the referral manager took it');
    expect(code).toBe(1);
  });

  it.each([
    ['no JSON, where', '{ "resourceType": "Bundle",\n  "entry": [}', 'line 2, column 13'],
    ['UTF-16', Buffer.from('\uFEFF{ "resourceType": "Bundle" }', 'utf16le'), 'The file is not UTF-8, which JSON has to be.'],
  ])('says that a file is %s, and ends badly', async (_says, content, sentence) => {
    const { code, output } = await runOn(content);

    expect(output).toContain(sentence);
    expect(code).toBe(1);
  });

  it('says of a folder that it cannot be read, by its name', async () => {
    const { code, output } = await run(tmpdir());

    expect(output).toContain(`${tmpdir()} cannot be read: EISDIR`);
    expect(code).toBe(1);
  });

  it('draws nothing of what has no entries, whatever it is', async () => {
    const { output } = await runOn('{ "resourceType": "Patient" }');

    expect(output).toContain('0 entries\n  (no entries)');
    expect(output).toContain('This has to be a Bundle.');
  });

  it('lets no control character of a file through to the terminal', async () => {
    const control = '\u001B]0;title\u0007\u001B[2J\u009B31m';
    const header = { resourceType: 'MessageHeader', id: `h${control}`, eventUri: 'https://example.org/e', source: { endpoint: 'https://a.example' }, focus: [{ reference: `Device/1${control}` }], [`k${control}`]: { reference: 'Device/2' } };
    const entry = [header, { resourceType: `Device${control}`, id: `3${control}` }].map((resource) => ({ fullUrl: `https://a.example/${resource.resourceType}/${resource.id}`, resource }));

    const { output } = await runOn(JSON.stringify({ resourceType: 'Bundle', type: 'message', [`k${control}`]: 1, entry }));

    expect(output).toContain('focus[0] Device/1\uFFFD]0;title\uFFFD\uFFFD[2J\uFFFD31m (not-a-reference)');
    expect(output.match(/[^\P{Cc}\n]/gu)).toBeNull();
  });

  it('draws what nothing leads to, by name, and takes a file with the mark of its byte order', async () => {
    const header = { resourceType: 'MessageHeader', id: 'h', eventUri: 'https://example.org/e', source: { endpoint: 'https://a.example' } };
    const entry = [header, { resourceType: 'Device', id: 'lonely' }, { resourceType: 'Observation', id: 'o', device: { reference: 'Device/lonely' } }].map((resource) => ({ fullUrl: `https://a.example/${resource.resourceType}/${resource.id}`, resource }));

    const { output } = await runOn(`\uFEFF${JSON.stringify({ resourceType: 'Bundle', type: 'message', entry })}`);

    expect(output).toContain('MessageHeader h\n\n  Device lonely\n\n  Observation o\n  └─ device Device lonely ↑\n');
  });
});
