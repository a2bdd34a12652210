import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reply as it was posted. */
interface PostedReply {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A sender's server on loopback, to which replies are posted. */
export interface ReplyServer {
  readonly origin: string;
  readonly posted: readonly PostedReply[];
  readonly connections: () => number;
  /** The nth posting, counted from 1, once it has come. */
  nth(count: number): Promise<PostedReply>;
  stop(): Promise<void>;
}

/** Answers each posting with the next status, and with the last one from then on; `Retry-After` where a status is written `503 7`. */
export async function startReplyServer(...statuses: readonly string[]): Promise<ReplyServer> {
  const posted: PostedReply[] = [];
  const awaited: (() => void)[] = [];
  let connections = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [status = '200', retryAfter] = (statuses[Math.min(posted.length, statuses.length - 1)] ?? '200').split(' ');
      posted.push({ url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      const location = status.startsWith('3') ? { location: '/elsewhere' } : {};
      outgoing.writeHead(Number(status), { ...location, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }).end();
      awaited.splice(0).forEach((look) => look());
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    connections: () => connections,
    async nth(count) {
      for (;;) {
        const found = posted[count - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => awaited.push(resolve));
      }
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
