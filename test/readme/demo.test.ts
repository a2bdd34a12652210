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
    expect(code).toBe(1);
  });

  it('says where a file is no JSON, and ends badly', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-'));
    const file = join(folder, 'broken.json');
    await writeFile(file, '{ "resourceType": "Bundle",\n  "entry": [}');

    const { code, output } = await run(file);
    await rm(folder, { recursive: true });

    expect(output).toContain('line 2, column 13');
    expect(code).toBe(1);
  });
});
