import { isError, isMessagingError } from '@fhir-messaging/core';
import type { CacheClaim, CacheRecord, Issue, MessageInput } from '@fhir-messaging/core';
import { acceptAgain, accepted, acceptMessage } from '../custody/accept-message.ts';
import { asyncExchange, isBeingFinished, isInCustody, repliesTo } from '../custody/async-exchange.ts';
import type { AsyncExchange } from '../custody/async-exchange.ts';
import { verdictOn } from '../cache/verdict.ts';
import { aboutRead } from './about-message.ts';
import { answerKnown, inFlight } from './answer-known.ts';
import { askCache, CacheUnavailable } from './cache-unavailable.ts';
import { toErrorMessage } from './error-message.ts';
import { identify } from './identify.ts';
import type { Identified } from './identify.ts';
import { patienceOf } from './patience.ts';
import type { Patience } from './patience.ts';
import { errorIssue, isResult, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import { readHead } from './read-head.ts';
import { readIncoming } from './read-incoming.ts';
import type { Incoming } from './read-incoming.ts';
import type { Circumstances, Reception } from './reception.ts';
import { report } from './report.ts';
import { runHandler } from './run-handler.ts';
import { writeOutcome } from './write-outcome.ts';

/** The whole way in: read, identified, looked up, checked, claimed, handled, answered, remembered. */
export async function processMessage(input: MessageInput, circumstances: Circumstances, reception: Reception): Promise<ProcessResult> {
  const { signal, errors } = circumstances;
  signal.throwIfAborted();
  const incoming = readIncoming(input, reception.routes.map(({ event }) => event), circumstances);
  if (isResult(incoming)) {
    // What the caller would check could not be checked: then it gets no reply.
    const head = errors === 'message' && circumstances.check === undefined ? readHead(input, circumstances) : undefined;
    return head ? toErrorMessage(incoming, head, reception.writing) : incoming;
  }
  const objections = circumstances.check?.(incoming.content ?? incoming.message.bundle) ?? [];
  if (objections.some(isError)) {
    return refuse(400, objections);
  }
  const result = await processIncoming(incoming, circumstances, reception);
  return errors === 'message' ? toErrorMessage(result, incoming.message, reception.writing) : result;
}

async function processIncoming(incoming: Incoming, circumstances: Circumstances, reception: Reception): Promise<ProcessResult> {
  const { sender } = circumstances;
  const identified = await identify(incoming, sender, reception);
  if (isResult(identified)) {
    return identified;
  }
  const exchange = circumstances.async && (await asyncExchange(identified, circumstances.async.responseUrl, sender, reception));
  if (exchange !== undefined && isResult(exchange)) {
    return exchange;
  }
  const patience = patienceOf(reception, circumstances);
  let isElsewhere = false;
  try {
    for (;;) {
      circumstances.signal.throwIfAborted();
      const result = await answer(identified, circumstances, exchange, reception, patience);
      if (result !== undefined) {
        return result;
      }
      isElsewhere = true;
    }
  } catch (error) {
    if (!(error instanceof CacheUnavailable)) {
      throw error;
    }
    report(error.cause, reception, aboutRead(identified, sender));
    return isElsewhere ? inFlight(reception) : unavailable();
  } finally {
    patience.end();
  }
}

function unavailable(): ProcessResult {
  const diagnostics = 'The message could not be looked up or claimed, and nothing was begun; send it again.';
  return refuse(503, [errorIssue('transient', 'cache.unavailable', diagnostics)], undefined, 'unavailable');
}

/** Answers a message by what the cache has of it; `undefined` where something came in between: look again. */
async function answer(
  identified: Identified,
  circumstances: Circumstances,
  exchange: AsyncExchange | undefined,
  reception: Reception,
  patience: Patience,
): Promise<ProcessResult | undefined> {
  const { key, digest, strategy, route } = identified;
  const seen = await askCache(() => reception.cache.lookUp(key));
  const verdict = verdictOn({ key, digest, strategy, category: route.event.category, seen });
  switch (verdict.kind) {
    case 'other-content':
      return refuse(409, [errorIssue('conflict', 'cache.content', "The message's id is known with other content. A changed message is a new one, with new ids.")]);
    case 'envelope-reused':
      return refuse(409, [errorIssue('conflict', 'cache.envelope', 'Bundle.id is known with another message; it is never used again.')]);
    case 'known':
      if (exchange && isBeingFinished(verdict.record, exchange)) {
        return accepted(exchange.keeping);
      }
      return inItsWay(await answerKnown(verdict.record, strategy, circumstances, reception, patience), verdict.record, circumstances, exchange, reception);
    case 'abandoned': {
      if (exchange && isInCustody(verdict.record, exchange)) {
        return repliesTo(verdict.record, exchange) ? accepted(exchange.keeping) : inFlight(reception);
      }
      // This process may still be working on a message whose lease has run out: it was too busy to renew it.
      const result = reception.running.has(verdict.record.token)
        ? await answerKnown(verdict.record, strategy, circumstances, reception, patience)
        : await processAnew(identified, verdict.record.token, () => askCache(() => reception.cache.takeOver(verdict.record)), circumstances, reception);
      return inItsWay(result, verdict.record, circumstances, exchange, reception);
    }
    case 'process': {
      if (exchange !== undefined) {
        return acceptMessage(identified, seen, circumstances, exchange, reception);
      }
      const claim = { key, digest, token: reception.newId(), fence: 1 };
      const take = async (): Promise<CacheClaim | undefined> => ((await askCache(() => reception.cache.claim(claim, seen))) ? claim : undefined);
      return processAnew(identified, claim.token, take, circumstances, reception);
    }
  }
}

/** A result in the way it was asked for: on the same connection, or posted. */
function inItsWay(
  result: ProcessResult | undefined,
  record: CacheRecord,
  { sender }: Circumstances,
  exchange: AsyncExchange | undefined,
  reception: Reception,
): ProcessResult | undefined {
  return result && exchange ? acceptAgain(result, record, sender, exchange, reception) : result;
}

/** The answer to a message that breaks its contract; it claims no id. */
function contentError({ route, message }: Identified, issues: readonly Issue[], { contentErrors, writing }: Reception): ProcessResult {
  if (contentErrors === 'message') {
    try {
      return resultOf(writeOutcome(route.event, message, { code: 'fatal-error', issues }, writing).outcome);
    } catch (error) {
      if (!isMessagingError(error)) {
        throw error;
      }
    }
  }
  return refuse(422, issues);
}

/** Claims and handles a message. Resends find the work in `running`, by its claim's token, from before the cache knows of it. */
async function processAnew(
  identified: Identified,
  token: string,
  take: () => Promise<CacheClaim | undefined>,
  circumstances: Circumstances,
  reception: Reception,
): Promise<ProcessResult | undefined> {
  if (identified.contractIssues.some(isError)) {
    return contentError(identified, identified.contractIssues, reception);
  }
  const work = take().then((claim) => claim && runHandler(claim, identified, circumstances, reception));
  reception.running.set(token, work);
  try {
    return await work;
  } finally {
    reception.running.delete(token);
  }
}
