import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { migrateSqlite } from './migrate-sqlite.ts';

const steps = ['create table note (text text not null)', "alter table note add column author text not null default 'nobody'"];

function open() {
  const database = new DatabaseSync(':memory:');
  return { database, notes: () => database.prepare('select * from note').all().map((row) => ({ ...row })) };
}

describe('a part of a SQLite database', () => {
  it('is brought from the version that it has to the one that is known, and keeps what is in it', () => {
    const { database, notes } = open();
    migrateSqlite(database, 'notes', steps.slice(0, 1));
    database.exec("insert into note values ('kept')");
    migrateSqlite(database, 'notes', steps);
    migrateSqlite(database, 'notes', steps);

    expect(notes()).toEqual([{ text: 'kept', author: 'nobody' }]);
  });

  it('stays as it was where a step fails, and is brought on by the next try', () => {
    const { database, notes } = open();
    expect(() => migrateSqlite(database, 'notes', [...steps, 'create table note (again text)'])).toThrow('already exists');
    expect(() => notes()).toThrow('no such table');

    migrateSqlite(database, 'notes', steps);
    expect(notes()).toEqual([]);
  });

  it('has a version of its own, beside those of other parts', () => {
    const { database } = open();
    migrateSqlite(database, 'notes', steps);

    expect(() => migrateSqlite(database, 'others', ['create table other (text text)'])).not.toThrow();
  });

  it('of a later version is refused, unchanged', () => {
    const { database } = open();
    migrateSqlite(database, 'notes', steps);

    expect(() => migrateSqlite(database, 'notes', steps.slice(0, 1))).toThrow(expect.objectContaining({ code: 'storage.unavailable' }));
    expect(database.prepare('select version from fhir_storage_version').all().map((row) => ({ ...row }))).toEqual([{ version: 2 }]);
  });
});
