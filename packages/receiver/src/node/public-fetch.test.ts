import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { publicFetch } from './index.ts';
import type { ResolvedAddress } from './index.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A server on loopback that counts who connects, and answers 200 if not told otherwise. */
async function listen(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void = (_, outgoing) => outgoing.end('read'), host = '127.0.0.1') {
  let connections = 0;
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing);
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, host);
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, origin: `http://127.0.0.1:${port}`, connections: () => connections };
}

const ipv4 = (address: string): ResolvedAddress => ({ address, family: 4 });

const post = { method: 'POST', body: new TextEncoder().encode('{}'), headers: { 'content-type': 'application/fhir+json' } };
const refused = { name: 'MessagingError', code: 'address.refused', delivery: 'no' };

describe('publicFetch: forged addresses, none of which is contacted', () => {
  it.each([
    ['loopback', (port: number) => `http://127.0.0.1:${port}/`],
    ['loopback, another', (port: number) => `http://127.8.8.8:${port}/`],
    ['loopback, short', (port: number) => `http://127.1:${port}/`],
    ['loopback, decimal', (port: number) => `http://2130706433:${port}/`],
    ['loopback, octal', (port: number) => `http://0177.0.0.1:${port}/`],
    ['loopback, hexadecimal', (port: number) => `http://0x7f000001:${port}/`],
    ['loopback, full-width digits', (port: number) => `http://１２７.0.0.1:${port}/`],
    ['loopback, mapped into IPv6', (port: number) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['loopback, IPv6', (port: number) => `http://[::1]:${port}/`],
    ['any, 0.0.0.0', (port: number) => `http://0.0.0.0:${port}/`],
    ['any, IPv6', (port: number) => `http://[::]:${port}/`],
    ['private, 10/8', () => 'http://10.0.0.1/'],
    ['shared, 100.64/10', () => 'http://100.64.0.1/'],
    ['link-local, 169.254/16', () => 'http://169.254.169.254/latest/meta-data'],
    ['private, 172.16/12', () => 'http://172.16.0.1/'],
    ['private, 192.168/16', () => 'http://192.168.0.1/'],
    ['private, fc00::/7', () => 'http://[fc00::1]/'],
    ['link-local, fe80::/10', () => 'http://[fe80::1]/'],
    ["a user's name", (port: number) => `http://user@127.0.0.1:${port}/`],
    ['a user on a public host', () => 'https://user:secret@example.org/'],
    ['another scheme', () => 'ftp://example.org/'],
    ['a file', () => 'file:///etc/passwd'],
    ['data', () => 'data:,x'],
  ])('%s', async (_, urlAt) => {
    const { port, connections } = await listen(undefined, '::');
    const resolve = vi.fn(async () => [ipv4('127.0.0.1')]);

    await expect(publicFetch({ resolve })(urlAt(port), post)).rejects.toMatchObject(refused);
    expect(connections()).toBe(0);
    expect(resolve).not.toHaveBeenCalled();
  });

  it.each([
    ['leads there', [ipv4('127.0.0.1')]],
    ['leads there by IPv6', [{ address: '::1', family: 6 }]],
    ['leads there beside a public one', [ipv4('93.184.215.14'), ipv4('127.0.0.1')]],
    ['leads nowhere', []],
  ])('a name that %s', async (_, addresses) => {
    const { port, connections } = await listen(undefined, '::');

    await expect(publicFetch({ resolve: async () => addresses })(`http://app.example:${port}/`, post)).rejects.toMatchObject(refused);
    expect(connections()).toBe(0);
  });

  it('localhost, as the system resolves it', async () => {
    const { port, connections } = await listen();

    await expect(publicFetch()(`http://localhost:${port}/`, post)).rejects.toMatchObject(refused);
    expect(connections()).toBe(0);
  });

  it('a name is asked for once a connection, and checked each time', async () => {
    const { port, connections } = await listen();
    const resolve = vi.fn(async () => [ipv4('127.0.0.1')]);
    const send = publicFetch({ resolve });
    for (let time = 1; time <= 2; time += 1) {
      await expect(send(`http://rebinding.example:${port}/`, post)).rejects.toMatchObject(refused);
      expect(resolve).toHaveBeenCalledTimes(time);
    }
    expect(connections()).toBe(0);
  });

  it('a redirect is an answer and not followed', async () => {
    const inner = await listen();
    const { origin } = await listen((_, outgoing) => outgoing.writeHead(307, { location: `${inner.origin}/` }).end());
    const response = await publicFetch({ privateOrigins: [origin, inner.origin] })(`${origin}/`, post);

    expect([response.status, response.headers.get('location')]).toEqual([307, `${inner.origin}/`]);
    expect(inner.connections()).toBe(0);
  });

  it('a private origin of the list lets no other port of its host be', async () => {
    const named = await listen();
    const other = await listen();

    await expect(publicFetch({ privateOrigins: [named.origin] })(other.origin, post)).rejects.toMatchObject(refused);
    expect(other.connections()).toBe(0);
  });
});

describe('publicFetch: what it sends and gives back', () => {
  it('posts to a private origin that is named, and gives its answer with headers and body', async () => {
    const seen: unknown[] = [];
    const { origin } = await listen((incoming, outgoing) => {
      seen.push(incoming.method, incoming.url, incoming.headers['content-type'], incoming.headers['content-length']);
      incoming.resume().on('end', () => outgoing.writeHead(201, { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'] }).end('done'));
    });
    const send = publicFetch({ privateOrigins: [`${origin}/`] });
    const response = await send(new URL(`${origin}/fhir/$process-message?async=true`), post);

    expect(seen).toEqual(['POST', '/fhir/$process-message?async=true', 'application/fhir+json', '2']);
    expect([response.status, response.headers.get('x-answer'), response.headers.getSetCookie(), await response.text()]).toEqual([201, 'yes', ['a=1', 'b=2'], 'done']);
  });

  it('takes a Request too', async () => {
    const { origin } = await listen();

    expect(await (await publicFetch({ privateOrigins: [origin] })(new Request(origin, post))).text()).toBe('read');
  });

  it.each([204, 304])('%s has no body', async (status) => {
    const { origin } = await listen((incoming, outgoing) => {
      incoming.resume().on('end', () => outgoing.writeHead(status).end());
    });
    const response = await publicFetch({ privateOrigins: [origin] })(origin, post);

    expect([response.status, response.body]).toEqual([status, null]);
  });

  it('an answer that nobody reads on ends its connection', async () => {
    const { origin } = await listen((_, outgoing) => outgoing.write('begun') && undefined);
    const response = await publicFetch({ privateOrigins: [origin] })(origin, post);

    await expect(response.body?.cancel()).resolves.toBeUndefined();
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    const { origin } = await listen(() => controller.abort());

    await expect(publicFetch({ privateOrigins: [origin] })(origin, { ...post, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says where the server goes on in another protocol, and lets the connection go', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'));
      closed = once(socket, 'close');
    });
    let closed: Promise<unknown> | undefined;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    await expect(publicFetch({ privateOrigins: [origin] })(origin, post)).rejects.toThrow('another protocol');
    await closed;
  });

  it('says where nobody takes the connection', async () => {
    const { origin } = await listen();
    await Promise.all(stops.splice(0).map((stop) => stop()));

    await expect(publicFetch({ privateOrigins: [origin] })(origin, post)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says where a name does not resolve', async () => {
    const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));

    await expect(publicFetch({ resolve })('http://nowhere.example/', post)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});
