import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReferralManager } from '../../examples/terminal-referral/referral-manager.ts';
import type { ReferralManager } from '../../examples/terminal-referral/referral-manager.ts';
import { run } from './referral.ts';

describe("the README's first example", () => {
  let manager: ReferralManager;

  beforeAll(async () => {
    manager = await startReferralManager();
  });

  afterAll(async () => {
    await manager.stop();
  });

  it('is the code that this test compiles and runs, to the letter, in twelve lines', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const source = await readFile(new URL('./referral.ts', import.meta.url), 'utf8');

    const shown = /```ts\n([^`]*(?:`[^`]+`[^`]*)*?)```/.exec(readme)?.[1] ?? '';
    const lines = shown.trim().split('\n');

    expect(lines.filter((line) => line !== '')).toHaveLength(12);
    for (const line of lines) {
      expect(source).toContain(line);
    }
  });

  it('submits a referral, adopts its ids, and updates it: one referral in two versions, one change between them', async () => {
    const patient = { resourceType: 'Patient', id: 'p1' } as const;
    const order = { resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', subject: { reference: 'Patient/p1' } } as const;

    await run(manager.baseUrl, order, patient);

    const [url, ...others] = [...manager.referrals.keys()];
    expect(others).toEqual([]);
    expect(manager.referrals.get(url ?? '')).toHaveLength(2);
    expect(manager.lastChange(url ?? '')).toEqual([{ key: url, patch: [{ op: 'add', path: '/priority', value: 'urgent' }] }]);
  });
});
