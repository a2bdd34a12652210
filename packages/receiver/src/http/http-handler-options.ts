import type { Authenticate } from './authenticate.ts';
import type { HttpLimits } from './http-limits.ts';

/** How messages come in by HTTP. */
export type HttpHandlerOptions<TContext = undefined> = ContextFromRequest<TContext> & {
  /** Says who sends. Without it everyone may send, and the address in the message stands for its sender. */
  readonly authenticate?: Authenticate | undefined;
  /** `maxBytes` of a body (default 10_000_000), `maxEntries` of a Bundle (default 100_000), `maxConcurrent` requests (default no limit). */
  readonly limits?: HttpLimits | undefined;
  /**
   * Is told what `authenticate`, `context`, or the receiver's `replies`, `addressOf` or `replyTo.origins` threw, or the cache where it could not accept
   * a message or give one up; and that the cache failed before anything was begun (`storage.unavailable`), of which the receiver's own `onError` is
   * told the cause. No sender is told of it.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
};

/** The option that makes the handlers' context of a request; required where they count on one. */
export type ContextFromRequest<TContext> = undefined extends TContext
  ? { readonly context?: ((request: Request, sender: string | undefined) => TContext | Promise<TContext>) | undefined }
  : { readonly context: (request: Request, sender: string | undefined) => TContext | Promise<TContext> };
