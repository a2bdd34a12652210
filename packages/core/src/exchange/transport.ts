import type { Message } from '../message/message.ts';

/** One attempt at sending a message, as a transport gets it. */
export interface Outgoing {
  /** What is sent, to the byte. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly message: Message;
  /** Which attempt this is, counted from 1. */
  readonly attempt: number;
  /** Asks for an asynchronous exchange. */
  readonly async?: boolean | undefined;
  /** Where the reply of an asynchronous exchange goes, when not to the message's source. */
  readonly responseUrl?: string | undefined;
  /** Call this right before the message leaves, when its headers and its token are there. It may abort `signal`: then the message must not leave. */
  readonly onLeaving?: (() => void) | undefined;
  readonly signal: AbortSignal;
}

/** The other side's answer, as it came. */
export interface Receipt {
  /** The HTTP status, where the transport has one. */
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  /** The whole body; `undefined` where there is none. */
  readonly body: Uint8Array | undefined;
  /** Whether the other side took the message over without processing it yet, where no status says so. */
  readonly custody?: boolean | undefined;
}

/**
 * Moves one message, once, and hands back the answer, lossless.
 *
 * It decides nothing: every status is a receipt. It throws only where nothing came back, and passes the signal's own reason through.
 */
export type Transport = (outgoing: Outgoing) => Promise<Receipt>;
