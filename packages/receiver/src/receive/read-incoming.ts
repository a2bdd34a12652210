import { bytesIn, isError, isMessagingError, readMessage, toIssues } from '@fhir-messaging/core';
import type { AnyEvent, Issue, Message, MessageInput } from '@fhir-messaging/core';
import type { BundleContent } from '../cache/content-digest.ts';
import { parseBytes } from './parse-bytes.ts';
import { refuse } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances } from './reception.ts';

/** A message that was read, and the findings of its event's contract. */
export interface Incoming {
  readonly message: Message;
  /** The message's Bundle, only to be looked at, without the copies that `message.bundle` makes; `undefined` where it was not parsed here. */
  readonly content: BundleContent | undefined;
  /** The contract's findings, with an error where the message breaks it; empty where the message keeps it, or nobody handles its event. */
  readonly contractIssues: readonly Issue[];
}

/**
 * Reads a message leniently, with the contract of its event if there is one here.
 *
 * A message that breaks FHIR's own rules is refused here: 400, or 413 past a limit. One that only breaks its contract goes on, since its ids may
 * be known.
 */
export function readIncoming(input: MessageInput, events: readonly AnyEvent[], { limits, ownsBytes }: Pick<Circumstances, 'limits' | 'ownsBytes'>): Incoming | ProcessResult {
  const given = bytesIn(input);
  const parsed = given && parseBytes(given, ownsBytes, limits);
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

/** The findings in an error about the input; any other error is thrown again. */
function issuesOf(error: unknown): readonly Issue[] {
  if (!isMessagingError(error)) {
    throw error;
  }
  return toIssues(error);
}

function isLimit(issue: Issue): boolean {
  return issue.rule === 'input.limit' && isError(issue);
}
