import { member } from '../mapping/json.ts';

/** The reasons that say that there is no such topic, or none for who asks. */
export const noTopic: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED']);

/** The client's code for any wrong use of it, such as a send beside a transaction that the application has open. */
export const misused = 'PLT_KFK_USER';

/** The codes at the bottom of an error: one for each attempt and each broker. */
export function reasonsIn(error: unknown): readonly string[] {
  const errors = member(error, 'errors');
  const several: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const inner = [...several, ...(error instanceof Error && error.cause !== undefined ? [error.cause] : [])];
  if (inner.length > 0) {
    return inner.flatMap(reasonsIn);
  }
  const code = member(error, 'apiId') ?? member(error, 'code');
  // Only the error's sentence tells an unknown topic from other wrong uses.
  if (code === misused && error instanceof Error && error.message.startsWith('Unknown topic')) {
    return ['UNKNOWN_TOPIC_OR_PARTITION'];
  }
  return [typeof code === 'string' ? code : 'UNKNOWN'];
}
