import { MessagingError } from '../../errors.ts';
import type { IssueCode } from '../../fhir/codes.ts';
import { isObject, member, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { withTimeLimit } from '../../exchange/time-limit.ts';
import { idIn } from '../../reference/parse-reference.ts';
import type { ReadOptions } from '../reader.ts';
import { endOf, endsAssembling, failureOf } from './read-failure.ts';
import type { Server, Target } from './target.ts';

/** One question to a server: for a resource, or a search, which has no target. */
export interface Ask {
  readonly server: Server;
  readonly url: string;
  readonly target: Target | undefined;
}

/** The answer to an ask: a resource or a searchset, or FHIR's code for why there is none. */
export type Answer = { readonly resource: JsonObject } | { readonly failure: IssueCode };

/** How requests are made. */
export interface Requesting {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** One level of asks to one server. Batches, searches and single reads answer them in turn, each what the one before left open. */
export class LevelReading {
  readonly server: Server;
  readonly requesting: Requesting;
  readonly #asks: readonly Ask[];
  readonly #answer: (ask: Ask, answer: Answer) => void;
  readonly #answered = new Set<Ask>();

  constructor(server: Server, asks: readonly Ask[], requesting: Requesting, answer: (ask: Ask, answer: Answer) => void) {
    this.server = server;
    this.requesting = requesting;
    this.#asks = asks;
    this.#answer = answer;
  }

  /** The asks that are not answered yet. */
  get open(): readonly Ask[] {
    return this.#asks.filter((ask) => !this.#answered.has(ask));
  }

  /** Takes an answer, if it is one to this ask. @throws {MessagingError} `reply.mismatch` when it is not. */
  settle(ask: Ask, answer: Answer): void {
    if ('resource' in answer) requireAsked(ask, answer.resource);
    this.#answered.add(ask);
    this.#answer(ask, answer);
  }

  /**
   * Makes one request, and gives its answer. An OperationOutcome in place of one is a failure, as is nothing at all: readers that look at no status give these.
   *
   * @throws {MessagingError} when a failure ends the assembling; `reply.invalid` when the answer is no JSON object. On an abort, the signal's reason.
   */
  async request(send: (options: ReadOptions) => Promise<unknown> | undefined): Promise<Answer> {
    const { signal, timeoutMs } = this.requesting;
    signal.throwIfAborted();
    let resource: unknown;
    try {
      resource = await withTimeLimit(timeoutMs, signal, async (limited) => await send({ signal: limited }));
    } catch (error) {
      signal.throwIfAborted();
      return failed(error);
    }
    if (resource === undefined || resource === null) {
      return { failure: 'not-found' };
    }
    if (member(resource, 'resourceType') === 'OperationOutcome') {
      return failed(resource);
    }
    if (!isObject(resource)) {
      throw new MessagingError('reply.invalid', 'The server answered a read with what is no JSON object.');
    }
    return { resource };
  }
}

/** The answer that a failure of one resource is. @throws {MessagingError} when it ends the assembling. */
function failed(error: unknown): Answer {
  const failure = failureOf(error);
  if (endsAssembling(failure)) throw endOf(error);
  return { failure };
}

/** Refuses another record in place of the one that was asked for, as a server gives after a merge. */
function requireAsked({ target }: Ask, resource: JsonObject): void {
  const [type, id, version] = target ? [target.type, idIn(target.name), target.version] : ['Bundle'];
  const held = textIn(member(resource, 'meta'), 'versionId');
  if (resource['resourceType'] !== type || (id !== undefined && resource['id'] !== id) || (version !== undefined && (held ?? version) !== version)) {
    throw new MessagingError('reply.mismatch', `The server answered a read with another ${type}, or none.`);
  }
}
