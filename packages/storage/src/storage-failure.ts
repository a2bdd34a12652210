import { MessagingError } from '@fhir-messaging/core';

/** The error for a storage that fails. The driver's error is left out, since it may quote the row. @param why - the database's code, or its own words for it. */
export function storageUnavailable(database: string, why: string): MessagingError {
  return new MessagingError('storage.unavailable', `${database} cannot keep it: ${why}.`);
}

/** Refuses tables of a later version than is known here, before anything is changed. */
export function requireKnownVersion(database: string, found: number, known: number): void {
  if (found > known) {
    throw storageUnavailable(database, `its tables are of version ${found}, and this knows no later one than ${known}`);
  }
}

/** Throws `lease.lost`: the entry is under another fence, or gone. */
export function entryLost(): never {
  throw new MessagingError('lease.lost', 'The entry was changed by another, or is gone.');
}
