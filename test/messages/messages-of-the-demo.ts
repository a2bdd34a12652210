import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startReferralManager } from '../../examples/terminal-referral/referral-manager.ts';
import { tellTheStory } from '../../examples/terminal-referral/story.ts';

/** Every message that passes over the wire while the demo runs, requests and replies, in their order. */
export async function messagesOfTheDemo(): Promise<readonly object[]> {
  const manager = await startReferralManager();
  const messages: object[] = [];
  const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const { origin } = new URL(manager.baseUrl);
    const headers = { 'content-type': request.headers['content-type'] ?? '', accept: request.headers.accept ?? '' };
    const answer = await fetch(`${origin}${request.url ?? ''}`, { method: 'POST', headers, body });
    const reply = await answer.text();
    messages.push(JSON.parse(body) as object, JSON.parse(reply) as object);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(reply);
  };
  const wire = createServer((request, response) => void passOn(request, response));
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(wire.address() as AddressInfo).port}/v4`;
  try {
    await tellTheStory({ ...manager, baseUrl });
  } finally {
    wire.closeAllConnections();
    await Promise.all([manager.stop(), new Promise((resolve) => wire.close(resolve))]);
  }
  return messages;
}
