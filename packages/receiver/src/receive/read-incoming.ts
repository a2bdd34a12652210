import { isError, isMessagingError, readMessage, toIssues } from '@fhir-messaging/core';
import type { AnyEvent, Issue, Message, MessageInput } from '@fhir-messaging/core';
import type { BundleContent } from '../cache/content-digest.ts';
import { parseBytes } from './parse-bytes.ts';
import { refuse } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances } from './reception.ts';

/** A message that was read, and what its event's contract has against it. */
export interface Incoming {
  readonly message: Message;
  /** Its Bundle, for looking at, without the copies that `message.bundle` is made of; `undefined` where it was not parsed here. */
  readonly content: BundleContent | undefined;
  /** Among them an error where it breaks its contract; empty where it keeps it, or nobody handles its event. */
  readonly contractIssues: readonly Issue[];
}

/**
 * Reads what came in, leniently, with the contract of its event if there is one here.
 *
 * A message that FHIR's own rules do not let pass ends here: 400, or 413 past a limit. One that only breaks its contract goes on, since its
 * ids may be known.
 */
export function readIncoming(input: MessageInput, events: readonly AnyEvent[], { limits, ownsBytes }: Pick<Circumstances, 'limits' | 'ownsBytes'>): Incoming | ProcessResult {
  const parsed = input instanceof Uint8Array ? parseBytes(input, ownsBytes, limits) : undefined;
  const content = parsed?.content;
  const read = (contracts?: readonly AnyEvent[]): Message =>
    readMessage(content ?? input, { events: contracts, limits, bytes: parsed?.bytes });
  try {
    return { message: read(events), content, contractIssues: [] };
  } catch (error) {
    const contractIssues = issuesOf(error);
    try {
      return { message: read(), content, contractIssues };
    } catch (structural) {
      const issues = issuesOf(structural);
      return refuse(issues.some(isLimit) ? 413 : 400, issues);
    }
  }
}

/** The findings about the input; anything else goes on its way as it was thrown. */
function issuesOf(error: unknown): readonly Issue[] {
  if (!isMessagingError(error)) {
    throw error;
  }
  return toIssues(error);
}

function isLimit(issue: Issue): boolean {
  return issue.rule === 'input.limit' && isError(issue);
}
