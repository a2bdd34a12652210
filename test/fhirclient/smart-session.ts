import smart from 'fhirclient';
import type Client from 'fhirclient/lib/Client.js';
import type { fhirclient } from 'fhirclient/lib/types.js';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { answer } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';

/** A session of the real client's Node build, and what it keeps of itself. */
export interface SmartSession {
  readonly client: Client;
  readonly stored: Map<string, unknown>;
}

/** What the client keeps its session in: copies, as a browser's storage does. */
export function storageOf(stored: Map<string, unknown>): fhirclient.Storage {
  return {
    get: (key) => Promise.resolve(stored.get(key)),
    set: (key, value) => Promise.resolve(stored.set(key, structuredClone(value))).then(() => value),
    unset: (key) => Promise.resolve(stored.delete(key)),
  };
}

/** A client that was launched on a server, and has a token. */
export function launched(serverUrl: string, state: Partial<fhirclient.ClientState> = {}): SmartSession {
  const stored = new Map<string, unknown>();
  const request = new IncomingMessage(new Socket());
  const key = 'session-1';
  const full = { serverUrl, key, tokenResponse: { access_token: 'first', scope: 'user/Messaging.write' }, ...state };
  stored.set('SMART_KEY', key).set(key, full);
  return { client: smart(request, new ServerResponse(request), storageOf(stored)).client(full), stored };
}

/** The state of a session that can be renewed, at a token endpoint. */
export function renewable(tokenUri: string, state: Partial<fhirclient.ClientState> = {}): Partial<fhirclient.ClientState> {
  const tokenResponse = { access_token: 'first', refresh_token: 'renew-1', scope: 'user/Messaging.write offline_access' };
  return { tokenUri, tokenResponse, expiresAt: 4_102_444_800, ...state };
}

/** A token endpoint's answer. */
export const grant = (accessToken: string): Step => answer(200, JSON.stringify({ access_token: accessToken, token_type: 'Bearer', expires_in: 3600 }), { 'content-type': 'application/json' });
