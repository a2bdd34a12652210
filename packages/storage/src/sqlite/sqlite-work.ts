import { MessagingError } from '@fhir-messaging/core';
import type { CachedOutcome, CacheWork } from '@fhir-messaging/core';
import { onSqlite } from './on-sqlite.ts';
import { inTransaction, runAtOnce } from './in-transaction.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * What a handler commits its effect through: the function runs, at once and as a whole, in the transaction that stores the outcome, after the
 * handler has returned. Where it throws, nothing is stored and a resend is processed.
 *
 * @example ({ payload, transaction }) => { transaction((database) => database.prepare('insert into patient values (?)').run(payload.Patient.id ?? null)); }
 */
export type SqliteTransaction<TDatabase extends SqliteDatabase = SqliteDatabase> = (commit: (database: TDatabase) => void) => void;

/** One run of a handler on a database: what it wants to commit is kept until its outcome is there. */
export function sqliteWork<TDatabase extends SqliteDatabase>(
  database: TDatabase,
  complete: (outcome: CachedOutcome) => boolean,
  release: () => void,
): CacheWork<SqliteTransaction<TDatabase>> {
  const commits: ((database: TDatabase) => void)[] = [];
  let isOver = false;

  const store = (outcome: CachedOutcome): boolean => {
    isOver = true;
    try {
      return inTransaction(database, () => {
        // The fence that is checked is the one that holds at the commit.
        const isHeld = onSqlite(() => complete(outcome));
        if (isHeld) commits.forEach((commit) => runAtOnce(commit, database));
        return isHeld;
      });
    } catch (error) {
      giveUp(release);
      throw error;
    }
  };
  return {
    transaction(commit) {
      if (isOver) {
        throw new MessagingError('closed', 'The transaction is over: the outcome of the message is stored, or nothing.');
      }
      commits.push(commit);
    },
    // What the application itself throws in it stays as it is.
    commit: (outcome) => new Promise((resolve) => resolve(store(outcome))),
    rollback() {
      isOver = true;
      return Promise.resolve();
    },
  };
}

/** What cannot be given up now is free when its lease has run out. */
function giveUp(release: () => void): void {
  try {
    release();
  } catch {
    // What failed first is what is told.
  }
}
