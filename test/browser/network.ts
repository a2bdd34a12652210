import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';

/** The network between a browser and everything else: a proxy on the loopback address that can be cut, and mended. */
export interface Network {
  /** For `browser.newContext({ proxy })`. */
  readonly server: string;
  /** Breaks every connection, whatever is on its way, and takes no others. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly stop: () => void;
}

/** A network that works. */
export async function layNetwork(): Promise<Network> {
  let isCut = false;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = ask(incoming.url ?? '', { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // An answer that breaks off is handed on as one that breaks off.
      answer.on('close', () => answer.complete || outgoing.destroy());
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  proxy.on('connection', (socket) => {
    if (isCut) socket.destroy();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    server: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      proxy.closeAllConnections();
    },
    mend() {
      isCut = false;
    },
    stop() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
