import { parseReference, parseRestfulUrl, typeIn, withVersion } from '../../reference/parse-reference.ts';
import type { Reader } from '../reader.ts';

/** A server that may be read from, by its own reader alone: what one server may see never goes to another. */
export interface Server {
  /** With a slash at its end; empty where nobody said it. */
  readonly base: string;
  readonly reader: Reader;
  /** What it turned out not to offer, so that it is not asked for again. */
  readonly refused: Set<string>;
}

/** What a reference names on a server that may be read from. */
export interface Target {
  /** The same for each reference to the resource, whatever its version. */
  readonly key: string;
  readonly server: Server;
  readonly type: string;
  /** `Type/id`. */
  readonly name: string;
  readonly version: string | undefined;
}

/** What a reference leads to, as its holder's server means it. */
export type Lead = (literal: string, holder: Server) => Target | undefined;

/** A server by its reader. */
export function serverOf(reader: Reader): Server {
  return { base: reader.baseUrl?.replace(/\/*$/, '/') ?? '', reader, refused: new Set() };
}

/** Follows references to the given servers, and to no other: one to a server without a reader leads nowhere. */
export function leadTo(servers: readonly Server[]): Lead {
  return (literal, holder) => {
    const parsed = parseReference(literal);
    if (parsed.form === 'relative') {
      return targetOn(holder, parsed.name, parsed.version);
    }
    const { base, name } = (parsed.form === 'absolute' && parseRestfulUrl(parsed.url)) || {};
    const server = servers.find((each) => each.base === base);
    return parsed.form === 'absolute' && server && name !== undefined ? targetOn(server, name, parsed.version) : undefined;
  };
}

/** What stays itself in a URL: dots alone would be steps out of the server's base. */
const plain = /^\w+\/[\w-][\w.-]*(\/_history\/[\w-][\w.-]*)?$/;

function targetOn(server: Server, name: string, version: string | undefined): Target | undefined {
  return plain.test(withVersion(name, version)) ? { key: server.base + name, server, type: typeIn(name), name, version } : undefined;
}

/** What its server is asked for. */
export function urlOf({ name, version }: Target): string {
  return withVersion(name, version);
}
