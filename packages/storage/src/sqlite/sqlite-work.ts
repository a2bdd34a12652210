import { MessagingError } from '@fhir-messaging/core';
import type { CachedOutcome, CacheWork } from '@fhir-messaging/core';
import { onSqlite } from './on-sqlite.ts';
import { inTransaction, runAtOnce } from './in-transaction.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * Takes a function that commits a handler's effect: it runs synchronously in the transaction that stores the outcome, after the handler has
 * returned. Where it throws, nothing is stored, and a resend is processed. After the handler's end it throws `closed`.
 *
 * @example ({ payload, transaction }) => { transaction((database) => database.prepare('insert into patient values (?)').run(payload.Patient.id ?? null)); }
 */
export type SqliteTransaction<TDatabase extends SqliteDatabase = SqliteDatabase> = (commit: (database: TDatabase) => void) => void;

/** One run of a handler on a database; the functions that it gives are kept until its outcome is there. */
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
        // Inside the transaction: the fence that is checked still holds at the commit.
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
    // Not through `soon`: an error of the application's own functions stays as it is.
    commit: (outcome) => new Promise((resolve) => resolve(store(outcome))),
    rollback() {
      isOver = true;
      return Promise.resolve();
    },
  };
}

/** Gives up a claim; where that fails, the claim is free when its lease has run out. */
function giveUp(release: () => void): void {
  try {
    release();
  } catch {
    // The first error is the one to throw.
  }
}
