import type { ReadLimits } from '@fhir-messaging/core';
import { errorIssue } from '../receive/process-result.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { outcomeAnswer } from './outcome-answer.ts';

/** How much a handler takes in: of one message (`maxBytes` is 10_000_000 here), and of all at once. */
export interface HttpLimits extends ReadLimits {
  /**
   * Requests at once, counted before their bodies are read, resends among them; past it 429, with `Retry-After`. As many resends as that may wait
   * for their first message to be processed, and do not count while they wait. @defaultValue no limit
   */
  readonly maxConcurrent?: number | undefined;
}

/** Answers a request, unless `maxConcurrent` are being answered already. */
export type Throttle = (answer: (onWait: (isWaiting: boolean) => void) => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** Counts the requests that are being answered; one too many is refused at once, to be sent again. */
export function throttleAt(maxConcurrent: number = Number.POSITIVE_INFINITY): Throttle {
  let running = 0;
  let waiting = 0;
  return async (answer) => {
    if (running >= maxConcurrent) {
      return outcomeAnswer(429, [errorIssue('throttled', 'http.concurrency', `At most ${maxConcurrent} messages are taken at once here.`)], { 'retry-after': '1' });
    }
    let waits = false;
    const onWait = (isWaiting: boolean): void => {
      if (isWaiting === waits || (isWaiting && waiting >= maxConcurrent)) {
        return;
      }
      waits = isWaiting;
      waiting += isWaiting ? 1 : -1;
      running -= isWaiting ? 1 : -1;
    };
    running += 1;
    try {
      return await answer(onWait);
    } finally {
      onWait(false);
      running -= 1;
    }
  };
}
