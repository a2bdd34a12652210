import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import smart from 'fhirclient';
import type Client from 'fhirclient/lib/Client.js';

/** A SMART app with a server, as fhirclient's Node build makes one: `/launch` begins, `/callback` is where the EHR sends the user back to. */
export interface SmartApp {
  readonly launchUrl: string;
  /** The client of the launch that ended last. */
  client(): Client;
  stop(): Promise<void>;
}

/** Starts the app on a free loopback port. Its one user's session is in memory. */
export async function startSmartApp(scope: string): Promise<SmartApp> {
  const session = new Map<string, unknown>();
  const storage = {
    get: async (key: string) => session.get(key),
    set: async (key: string, value: unknown) => void session.set(key, value),
    unset: async (key: string) => session.delete(key),
  };
  let launched: Client | undefined;
  const server = createServer((request, response) => {
    const api = smart(request, response, storage);
    const work = request.url?.startsWith('/launch')
      ? api.authorize({ clientId: 'clinic-app', scope, redirectUri: '/callback', pkceMode: 'required' })
      : api.ready().then((client) => {
          launched = client;
          response.end('launched');
        });
    work.catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    launchUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/launch`,
    client() {
      if (launched === undefined) throw new Error('Nothing was launched.');
      return launched;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a user does on the page that asks for access: chooses, and presses a button. */
export async function answerAuthorizePage(page: Response, answers: Readonly<Record<string, string>>): Promise<Response> {
  const text = await page.text();
  const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [name, unescape(value)]);
  return fetch(new URL('/auth/authorize', page.url), { method: 'POST', body: new URLSearchParams([...hidden, ...Object.entries(answers)]) });
}

function unescape(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
