import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from './seeded.ts';

/** What goes wrong on the wire; `none` in two of three attempts. */
export const faults = ['request dropped', 'request reset in mid-body', 'reply dropped', 'reply reset in mid-body', 'delayed', 'reordered', 'duplicated', '503', '503 with Retry-After'] as const;
type Fault = (typeof faults)[number] | 'none';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A proxy between senders and receivers, over real sockets, whose faults are settled by a seed and each request's X-Request-ID. */
export interface FaultProxy {
  readonly url: string;
  /** How often each fault was. */
  readonly counts: Record<string, number>;
  /** The receivers that requests go to, one after the other. */
  targets: readonly number[];
  /** Cuts what is under way to a receiver. */
  cut(port: number): void;
  stop(): Promise<void>;
}

export async function startProxy(seed: number): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const underWay = new Map<ClientRequest, number>();
  const counts: Record<string, number> = {};
  const held: (() => void)[] = [];
  const overtaken: (() => void)[] = [];
  let busy = 0;
  let turn = 0;

  const send = (incoming: IncomingMessage, body: Buffer, upTo = body.length): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const port = proxy.targets[(turn += 1) % proxy.targets.length];
      const headers = { ...incoming.headers, host: `127.0.0.1:${port}`, 'content-length': body.length };
      const outgoing = httpRequest({ agent, host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers });
      underWay.set(outgoing, port ?? 0);
      outgoing.on('close', () => underWay.delete(outgoing)).on('error', reject);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      });
      if (upTo < body.length) outgoing.write(body.subarray(0, upTo), () => outgoing.destroy(new Error('cut')));
      else outgoing.end(body);
    });

  /** A delayed request goes on when four are held, or nothing else is under way. */
  const releaseHeld = (): void => {
    if (held.length >= 4 || busy === 0) for (const go of held.splice(0)) go();
    if (busy === 0) releaseOvertaken();
  };
  /** A reordered one goes on when one that came after it has been answered, or nothing else is under way. */
  const releaseOvertaken = (): void => {
    for (const go of overtaken.splice(0)) go();
  };
  const waitAmong = async (others: (() => void)[]): Promise<void> => {
    busy -= 1;
    const released = new Promise<void>((resolve) => others.push(resolve));
    releaseHeld();
    await released;
    busy += 1;
  };

  const carry = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const fault = faultOf(seed, String(incoming.headers['x-request-id']));
    counts[fault] = (counts[fault] ?? 0) + 1;

    if (fault === 'request dropped') return void incoming.socket.resetAndDestroy();
    if (fault === '503' || fault === '503 with Retry-After') {
      return void outgoing.writeHead(503, fault === '503' ? {} : { 'retry-after': '1' }).end();
    }
    if (fault === 'request reset in mid-body') await send(incoming, body, Math.floor(body.length / 2));
    if (fault === 'delayed') await waitAmong(held);
    if (fault === 'reordered') await waitAmong(overtaken);
    const answers = fault === 'duplicated' ? [send(incoming, body), send(incoming, body)] : [send(incoming, body)];
    // The later of the two is what the sender sees.
    const answer = (await Promise.all(answers)).at(-1)!;
    releaseOvertaken();
    if (fault === 'reply dropped') return void incoming.socket.resetAndDestroy();
    outgoing.writeHead(answer.status, { ...answer.headers, connection: 'keep-alive' });
    if (fault === 'reply reset in mid-body') {
      return void outgoing.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => incoming.socket.resetAndDestroy());
    }
    outgoing.end(answer.body);
  };

  const server = createServer((incoming, outgoing) => {
    busy += 1;
    void carry(incoming, outgoing)
      .catch(() => incoming.socket.destroy())
      .finally(() => {
        busy -= 1;
        releaseHeld();
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    targets: [],
    cut(port) {
      for (const [outgoing, to] of underWay) if (to === port) outgoing.destroy(new Error('cut'));
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

function faultOf(seed: number, requestId: string): Fault {
  const number = seeded(seed, requestId) * 3;
  return number < 1 ? (faults[Math.floor(number * faults.length)] ?? 'none') : 'none';
}
