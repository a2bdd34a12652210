import type { NodeRequest } from './node-http.ts';

/**
 * A node:http request as a Fetch request; its body is read as fast as it is asked for.
 *
 * @param isAnswered - whether the answer is written: nobody reads the rest of the body then.
 */
export function requestOf(incoming: NodeRequest, signal: AbortSignal, isAnswered: () => boolean): Request {
  const head = headOf(incoming, signal);
  if (head.method === 'GET' || head.method === 'HEAD') {
    return head;
  }
  const init = { body: bodyOf(incoming, isAnswered), duplex: 'half' };
  return new Request(head, init);
}

/** The same without its body. */
export function headOf(incoming: NodeRequest, signal: AbortSignal): Request {
  const { method = 'GET' } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const item of value === undefined || name.startsWith(':') ? [] : [value].flat()) {
      headers.append(name, item);
    }
  }
  return new Request(urlOf(incoming), { method, headers, signal });
}

function urlOf({ url = '/', originalUrl, headers }: NodeRequest): string {
  const path = originalUrl ?? url;
  const host = typeof headers['host'] === 'string' ? headers['host'] : '';
  const origin = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).origin : 'http://localhost';
  // Not resolved as a reference: a path that begins with two slashes would name another host.
  if (path.startsWith('/')) {
    return `${origin}${path}`;
  }
  if (!URL.canParse(path, origin)) {
    return 'http://localhost/';
  }
  const asked = new URL(path, origin);
  // `Request` throws for a URL with credentials.
  asked.username = '';
  asked.password = '';
  return asked.href;
}

/** The body, one chunk for each pull. */
function bodyOf(incoming: NodeRequest, isAnswered: () => boolean): ReadableStream<Uint8Array> {
  let isOpen = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (finish: () => void): void => {
        if (isOpen) {
          isOpen = false;
          finish();
        }
      };
      const close = (): void => {
        end(() => {
          controller.close();
        });
      };
      const fail = (): void => {
        end(() => {
          controller.error(new Error('The request broke off.'));
        });
      };
      incoming.on('data', (chunk) => {
        if (isAnswered()) {
          end(() => {
            controller.error(new Error('The request was answered before all of it was read.'));
          });
        } else if (isOpen) {
          controller.enqueue(chunk);
          incoming.pause();
        }
      });
      incoming.on('end', close);
      incoming.on('error', fail);
      incoming.on('close', fail);
      if (incoming.readableEnded) {
        close();
      }
    },
    pull() {
      incoming.resume();
    },
    cancel() {
      isOpen = false;
    },
  });
}
