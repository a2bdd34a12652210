import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Input } from '../inputs.ts';

/** A message to be posted, and what its reply has to quote. */
export interface Posting {
  readonly id: string;
  readonly body: Buffer;
}

/** As many messages of one content as are asked for, each under ids of its own. */
export function postingsOf({ text }: Input): (count: number) => readonly Posting[] {
  const bundle: { id: string; entry: { fullUrl: string; resource: { id: string } }[] } = JSON.parse(text);
  const [header, ...others] = bundle.entry;
  const named = { ...bundle, id: '%id%', entry: [{ fullUrl: 'urn:uuid:%id%', resource: { ...header?.resource, id: '%id%' } }, ...others] };
  const template = JSON.stringify(named);
  return (count) =>
    Array.from({ length: count }, () => {
      const id = randomUUID();
      return { id, body: Buffer.from(template.replaceAll('%id%', id)) };
    });
}

/** Posts messages over a few connections, each the next one when it has its answer. */
export async function postAll(url: string, postings: readonly Posting[], connections: number): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: string[] = [];
  const rest = postings.entries();
  const postRest = async (): Promise<void> => {
    for (const [position, { body }] of rest) {
      answers[position] = await post(url, body, agent);
    }
  };
  await Promise.all(Array.from({ length: connections }, postRest));
  agent.destroy();
  return answers;
}

function post(url: string, body: Buffer, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/fhir+json', 'content-length': body.byteLength };
    const outgoing = request(`${url}/$process-message`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode ?? 0}: ${text}`));
      });
      response.on('error', reject);
    });
    outgoing.on('error', reject).end(body);
  });
}
