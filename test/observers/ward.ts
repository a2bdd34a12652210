import { createReply, readMessage } from '@fhir-messaging/core';
import type { Message, MessengerOptions, Observed } from '@fhir-messaging/core';
import type { Patient } from 'fhir/r4';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { admission, messengerTo, startServer } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';

export const ward = 'https://ward.example.org/fhir';

/** A patient as the app has it, without an id. */
export const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Miller', given: ['Ann'] }] };
export const admit = admission();

/** What the server does with one message. */
export type Answer = (message: Message, outgoing: ServerResponse, incoming: IncomingMessage) => void;

const respond = (outgoing: ServerResponse, reply: Message): void => void outgoing.writeHead(200, { 'content-type': 'application/fhir+json' }).end(reply.bytes);

/** Processes, and gives the patient an id of the server's. */
export const admits: Answer = (message, outgoing) => {
  const resource = message.graph.all('Patient')[0];
  respond(outgoing, createReply(message, { source: ward, focus: [{ fullUrl: `${ward}/Patient/77`, resource: { ...resource, resourceType: 'Patient', id: '77' } }] }));
};
export const says = (code: 'transient-error' | 'fatal-error'): Answer => (message, outgoing) =>
  respond(outgoing, createReply(message, { source: ward, code, issues: [{ severity: 'error', code: 'processing', diagnostics: 'No bed is free.' }] }));
export const status = (code: number, headers: Record<string, string> = {}): Answer => (_, outgoing) => void outgoing.writeHead(code, headers).end();
/** The message arrives, and nobody says so. */
export const vanishes: Answer = (_, __, incoming) => void incoming.socket.resetAndDestroy();

/** A messenger to a server that follows a script, and the texts of what arrived there. */
export async function wardThat(answers: readonly Answer[], options: Partial<MessengerOptions> = {}) {
  const arrived: string[] = [];
  const step: Step = async (incoming, outgoing) => {
    const body = await buffer(incoming);
    arrived.push(body.toString());
    answers[Math.min(arrived.length, answers.length) - 1]?.(readMessage(new Uint8Array(body)), outgoing, incoming);
  };
  const server = await startServer(step);
  const { messenger } = messengerTo(server.url, { source: 'https://app.example.org', retry: { maxAttempts: 1 }, ...options });
  return { messenger, arrived, stop: () => server.stop() };
}

/** A promise for something that the test brings about, and what brings it about. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Every state of an observer from now on. */
export function statesOf<TState>(observed: Observed<TState>): TState[] {
  const states = [observed.getState()];
  observed.subscribe(() => states.push(observed.getState()));
  return states;
}

/** Resolves when a state is reached. */
export async function until<TState>(observed: Observed<TState>, holds: (state: TState) => boolean): Promise<TState> {
  if (holds(observed.getState())) return observed.getState();
  return await new Promise((resolve) => {
    const leave = observed.subscribe(() => {
      if (holds(observed.getState())) {
        leave();
        resolve(observed.getState());
      }
    });
  });
}

