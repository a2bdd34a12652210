import { isError, isMessagingError } from '@fhir-messaging/core';
import type { CacheRecord, Issue, MessageInput } from '@fhir-messaging/core';
import { verdictOn } from '../cache/verdict.ts';
import { answerKnown } from './answer-known.ts';
import { identify } from './identify.ts';
import type { Identified } from './identify.ts';
import { errorIssue, isResult, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import { readIncoming } from './read-incoming.ts';
import type { Circumstances, Reception } from './reception.ts';
import { runHandler } from './run-handler.ts';
import { writeOutcome } from './write-outcome.ts';

/** The whole way in: read, identified, looked up, checked, claimed, handled, answered, remembered. */
export async function processMessage(input: MessageInput, circumstances: Circumstances, reception: Reception): Promise<ProcessResult> {
  const { sender, signal, limits } = circumstances;
  signal.throwIfAborted();
  const incoming = readIncoming(input, reception.routes.map(({ event }) => event), limits);
  if (isResult(incoming)) {
    return incoming;
  }
  const identified = await identify(incoming, sender, reception);
  if (isResult(identified)) {
    return identified;
  }
  for (;;) {
    signal.throwIfAborted();
    const result = await answer(identified, circumstances, reception);
    if (result !== undefined) {
      return result;
    }
  }
}

/** What the cache says of it decides. `undefined` where something came in between: look again. */
async function answer(identified: Identified, circumstances: Circumstances, reception: Reception): Promise<ProcessResult | undefined> {
  const { key, digest, strategy, route } = identified;
  const seen = await reception.cache.lookUp(key);
  const verdict = verdictOn({ key, digest, strategy, category: route.event.category, seen });
  switch (verdict.kind) {
    case 'other-content':
      return refuse(409, [errorIssue('conflict', 'cache.content', "The message's id is known with other content. A changed message is a new one, with new ids.")]);
    case 'envelope-reused':
      return refuse(409, [errorIssue('conflict', 'cache.envelope', 'Bundle.id is known with another message; it is never used again.')]);
    case 'known':
      return answerKnown(verdict.record, strategy, circumstances, reception);
    case 'process':
      return identified.contractIssues.some(isError)
        ? contentError(identified, identified.contractIssues, reception)
        : claimAndRun(identified, seen, circumstances, reception);
  }
}

/** Nothing invalid claims an id. */
function contentError({ route, message }: Identified, issues: readonly Issue[], { contentErrors, writing }: Reception): ProcessResult {
  if (contentErrors === 'message') {
    try {
      return resultOf(writeOutcome(route.event, message, { code: 'fatal-error', issues }, writing));
    } catch (error) {
      if (!isMessagingError(error)) {
        throw error;
      }
    }
  }
  return refuse(422, issues);
}

/** Those that come while it runs find it under its claim's token, from before the cache knows of it. */
async function claimAndRun(
  identified: Identified,
  seen: readonly CacheRecord[],
  circumstances: Circumstances,
  reception: Reception,
): Promise<ProcessResult | undefined> {
  const { key, digest } = identified;
  const { cache, running } = reception;
  const claim = { key, digest, token: reception.newId() };
  const work = cache.claim(claim, seen).then((taken) => (taken ? runHandler(claim, identified, circumstances, reception) : undefined));
  running.set(claim.token, work);
  try {
    return await work;
  } finally {
    running.delete(claim.token);
  }
}
