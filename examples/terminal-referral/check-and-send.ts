import {
  checkMessage,
  createMessenger,
  eventNameOf,
  isError,
  isSameEvent,
  parseGraph,
  processMessageTransport,
  readMessage,
  toMermaid,
} from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { drawTree } from './draw-tree.ts';
import { code, expect, heading, issueList, line } from './print.ts';
import { tolerant } from './read-sample.ts';
import type { ReferralManager } from './referral-manager.ts';

const events = [submitServiceRequest, updateServiceRequest];

/** Checks and draws a message Bundle of the user's own, and sends it, as it is, where its event is known. */
export async function checkAndSend(file: string, manager: ReferralManager): Promise<void> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!isUtf8(bytes)) {
    throw new Error('The file is not UTF-8, which JSON has to be.');
  }
  // Without the mark of the byte order that some editors put in front.
  const text = new TextDecoder().decode(bytes);
  const graph = parseGraph(text, { parse: tolerant, mode: 'lenient' });
  const name = eventNameOf(graph.header);
  const event = name && events.find((candidate) => isSameEvent(candidate, name));

  heading(`${file}: ${graph.size} entries`);
  drawTree(graph).forEach(line);
  heading('What the rules say of it');
  const issues = checkMessage(graph, { event });
  issueList(issues);
  if (issues.length === 0) {
    line('Nothing: all is well.');
  }
  heading('The graph as a picture, for any Mermaid viewer');
  toMermaid(graph, { issues }).trimEnd().split('\n').forEach(code);

  heading('Sending it');
  if (event === undefined) {
    line('Its event is none that the referral manager of this demo knows, so it stays here.');
    expect(!issues.some(isError), 'it breaks no rule');
    return;
  }
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: manager.baseUrl }), identity: netsmart });
  const reply = await messenger.send(readMessage(text, { event, parse: tolerant }));
  issueList(reply.issues);
  line(`The reply: ${reply.kind}`);
  expect(reply.kind === 'ok', 'the referral manager took it');
}
