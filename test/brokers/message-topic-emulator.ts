import { Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An emulator of IGUHealth's messaging, bug for bug, in front of a real Kafka: `$message-post`, and the `message` channel of a Subscription. */
export interface MessageTopicEmulator {
  readonly baseUrl: string;
  /** What was created, by `Type/id`. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Resolves when the worker has posted all that it will. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

interface Subscription extends Resource {
  status: string;
  readonly criteria: string;
  readonly channel: { readonly type: string; readonly header: readonly string[]; readonly endpoint: string };
}

interface Parameters {
  readonly resourceType: 'Parameters';
  readonly parameter: readonly { readonly name: string; readonly resource: unknown }[];
}

const path = '/w/tenant/api/v1/fhir/r4';
/** Who may create resources. */
export const administrator = 'Basic YWRtaW46YWRtaW4=';

export async function startEmulator(): Promise<MessageTopicEmulator> {
  const resources = new Map<string, Resource>();
  const posting = new Set<Promise<void>>();
  const find = (reference: unknown): Resource | undefined => resources.get(String(reference));

  /** A client may post where a policy names it: which rules it has is not emulated. */
  const mayPost = (authorization: string | undefined): boolean => {
    const [id = '', secret] = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64').toString().split(':');
    const hasPolicy = [...resources.values()].some((policy) => policy.resourceType === 'AccessPolicyV2' && JSON.stringify(policy['target']).includes(`"ClientApplication/${id}"`));
    return find(`ClientApplication/${id}`)?.['secret'] === secret && secret !== undefined && hasPolicy;
  };

  /** The record's value is the operation's parameters, parsed: `{"input": …}`; no key, no headers, a producer for each call. */
  async function messagePost(topicId: string, body: unknown): Promise<void> {
    const topic = find(`MessageTopic/${topicId}`);
    const broker = find((topic?.['broker'] as { reference?: string } | undefined)?.reference);
    if (topic === undefined || broker?.['type'] !== 'kafka') throw new Error('Invalid broker type');
    const { parameter } = body as Parameters;
    const input = (body as Resource).resourceType === 'Parameters' ? parameter.find(({ name }) => name === 'input')?.resource : body;
    const producer = new Producer({ clientId: 'emulator', bootstrapBrokers: [String(broker['host'])] });
    await producer.send({ messages: [{ topic: String(topic['topicId']), value: Buffer.from(JSON.stringify({ input })) }], acks: -1 });
    await producer.close();
  }

  /** One Bundle without ids; whatever is answered with 400 or more turns the Subscription off. */
  async function postMatch(subscription: Subscription, matched: Resource): Promise<void> {
    const { header, endpoint } = subscription.channel;
    const headers = Object.fromEntries(header.map((line) => line.split(':').map((part) => part.trim()).slice(0, 2)));
    const messageHeader = { resourceType: 'MessageHeader', eventCoding: { system: 'https://iguhealth.app', code: 'subscription-message' }, source: { name: 'worker', endpoint: `Subscription/${subscription.id}` } };
    const bundle = { resourceType: 'Bundle', type: 'message', timestamp: new Date().toISOString(), entry: [{ resource: messageHeader }, { resource: matched }] };
    const { status } = await fetch(endpoint, { method: 'POST', headers: { ...headers, 'content-type': 'application/fhir+json' }, body: JSON.stringify(bundle) });
    if (status >= 400) subscription.status = 'error';
  }

  function create(type: string, resource: Resource): Resource {
    const created = { ...resource, id: randomUUID() };
    resources.set(`${type}/${created.id}`, created);
    for (const subscription of [...resources.values()].filter((each): each is Subscription => each.resourceType === 'Subscription')) {
      if (subscription.status !== 'active' || subscription.channel.type !== 'message' || subscription.criteria !== type) continue;
      const work = postMatch(subscription, created).catch(() => void (subscription.status = 'error')).finally(() => posting.delete(work));
      posting.add(work);
    }
    return created;
  }

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body: object]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [type = '', id, operation] = (request.url ?? '').slice(path.length + 1).split('/');
    const { authorization } = request.headers;
    if (operation === undefined ? authorization !== administrator : !mayPost(authorization)) {
      return [403, outcome('error', 'forbidden', 'Access denied')];
    }
    try {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Resource;
      if (operation === undefined) return [201, create(type, body)];
      await messagePost(id ?? '', body);
      return [200, outcome('information', 'informational', 'Message sent')];
    } catch {
      return [400, outcome('error', 'invalid', 'Invalid')];
    }
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request).then(([status, body]) => response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    resources,
    async settled() {
      while (posting.size > 0) await Promise.all(posting);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function outcome(severity: string, code: string, diagnostics: string): object {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, diagnostics }] };
}
