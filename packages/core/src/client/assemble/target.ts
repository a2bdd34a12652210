import { parseReference, parseRestfulUrl, typeIn, withVersion } from '../../reference/parse-reference.ts';
import type { Reader } from '../reader.ts';

/** A server that may be read from, by its own reader alone: what one server may see never goes to another. */
export interface Server {
  /** The base URL with a slash at its end; empty where the reader has none. */
  readonly base: string;
  readonly reader: Reader;
  /** What the server turned out not to offer (`batch`, or a type to search), so that it is not asked again. */
  readonly refused: Set<string>;
}

/** The resource that a reference names on a server that may be read from. */
export interface Target {
  /** Equal for each reference to the resource, whatever its version. */
  readonly key: string;
  readonly server: Server;
  readonly type: string;
  /** `Type/id`. */
  readonly name: string;
  readonly version: string | undefined;
}

/** Gives the target of a reference, as its holder's server means it. */
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

/** Names that stay themselves in a URL: an id of dots alone would be a step out of the server's base. */
const plain = /^\w+\/[\w-][\w.-]*(\/_history\/[\w-][\w.-]*)?$/;

function targetOn(server: Server, name: string, version: string | undefined): Target | undefined {
  return plain.test(withVersion(name, version)) ? { key: server.base + name, server, type: typeIn(name), name, version } : undefined;
}

/** The URL that its server is asked for, relative to the base. */
export function urlOf({ name, version }: Target): string {
  return withVersion(name, version);
}
