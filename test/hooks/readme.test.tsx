import { createReply, newFullUrl } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import type { ServiceRequest } from 'fhir/r4';
import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { patient, status, vanishes, ward, wardThat } from '../observers/ward.ts';
import type { Answer } from '../observers/ward.ts';
import { app } from './readme-example.tsx';
import { show } from './screen.ts';

const fullUrl = newFullUrl();
const order: ServiceRequest = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } };
const props = { order, patient: { ...patient, id: '2' } };

describe("the README's example", () => {
  it('is the code that runs here, to the letter', async () => {
    const [readme, own] = await Promise.all(['../../packages/react-hooks/README.md', './readme-example.tsx'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(example).not.toBe('');
    expect(readme).toContain(`\n\n${example}\`\`\``);
    expect(readme?.split('\n').length).toBeLessThanOrEqual(110);
  });

  it('refers once, though the first reply is lost and the order is changed in between', async () => {
    const accepts: Answer = (message, outgoing) => void outgoing.writeHead(200).end(createReply(message, { source: ward }).bytes);
    const server = await wardThat([vanishes, accepts], { identity: netsmart });
    onTestFinished(server.stop);
    const screen = await show(app(server.messenger, props));
    await screen.click('Refer', 2);
    await screen.shows('It may have arrived: press again to send the same one');
    await screen.show(app(server.messenger, { ...props, order: { ...order, priority: 'urgent' } }));
    await screen.click('Refer');
    expect(screen.text()).toContain('An earlier referral may have arrived.');
    await screen.click('Send that one again');
    await screen.shows('Referred');

    expect(server.arrived).toHaveLength(2);
    expect(server.arrived[1]).toBe(server.arrived[0]);
  });

  it('says that a referral may have arrived where it was refused after an attempt that went unanswered', async () => {
    const accepts: Answer = (message, outgoing) => void outgoing.writeHead(200).end(createReply(message, { source: ward }).bytes);
    const server = await wardThat([vanishes, status(422), accepts], { identity: netsmart, peer: { reliableCacheMinutes: 60 }, retry: { maxAttempts: 2, maxDelayMs: 0 } });
    onTestFinished(server.stop);
    const screen = await show(app(server.messenger, props));
    await screen.click('Refer');
    await screen.shows('The server answered 422.');
    expect(screen.text()).toContain('It may have arrived: press again to send the same one');
    await screen.click('Refer');
    await screen.shows('Referred');

    expect(new Set(server.arrived).size).toBe(1);
  });

  it('says that a referral that was refused is not referred', async () => {
    const server = await wardThat([status(422)], { identity: netsmart });
    onTestFinished(server.stop);
    const screen = await show(app(server.messenger, props));
    await screen.click('Refer');
    await screen.shows('Not referred');
  });

  it('says what is wrong with a referral that breaks a rule', async () => {
    const server = await wardThat([]);
    onTestFinished(server.stop);
    const screen = await show(app(server.messenger, { ...props, order: { ...order, subject: { reference: fullUrl } } }));
    await screen.click('Refer');

    expect(screen.text()).toContain('This leads to no entry');
    expect(screen.text()).not.toContain('No destination is named');
    expect(server.arrived).toEqual([]);
  });
});
