import { outboxStates } from './outbox-state.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Whether a row can be read, by its state. */
function isReadable({ memberOf }: SqlDialect): string {
  const known = Object.keys(outboxStates).map((state) => `'${state}'`);
  return `coalesce(${memberOf('facts', 'state')} in (${known.join(', ')}), false)`;
}

/**
 * The table of an outbox, one row for each entry, in the order of `sequence`; `holds` is the entry's key until it is finished. `is_readable` is a
 * column of its own, so that changed facts change no index. Each step leads from one version of the table to the next: a released step stays as it
 * is, and others follow it.
 */
export function outboxSteps(dialect: SqlDialect): readonly string[] {
  const { time, bytes, json } = dialect.types;
  const { before, column: sequence } = dialect.counting('fhir_outbox_sequence');
  return [
    `${before}
    create table fhir_outbox (
      sequence ${sequence},
      id text not null unique,
      key text not null,
      account text not null,
      facts ${json} not null,
      holds text,
      bytes ${bytes} not null,
      sealed_with text,
      reply ${bytes},
      reply_sealed_with text,
      fence integer not null default 0,
      due_at ${time},
      leased_until ${time},
      added_at ${time} not null,
      changed_at ${time} not null,
      is_readable boolean not null generated always as (${isReadable(dialect)}) stored
    );
    create index fhir_outbox_due on fhir_outbox (account, sequence, due_at) where due_at is not null;
    create index fhir_outbox_holds on fhir_outbox (account, holds, sequence) where holds is not null;
    create index fhir_outbox_key on fhir_outbox (key);
    create index fhir_outbox_unreadable on fhir_outbox (id) where not is_readable;`,
  ];
}

/** The names of an outbox's statements. */
type OutboxStatement = 'add' | 'update' | 'renew' | 'remove' | 'get' | 'unreadable';

/** An outbox's statements; each alone is atomic. */
interface OutboxStatements extends Readonly<Record<OutboxStatement, string>> {
  /** The claim has its limit in the text, since the plan depends on it. */
  readonly claim: (limit: number) => string;
  readonly list: (by: readonly string[]) => string;
}

/** The statements of an outbox. */
export function outboxStatements(dialect: SqlDialect): OutboxStatements {
  const { now, later, msOf, next, skipLocked } = dialect;
  const columns = `id, key, sequence, account, cast(facts as text) as facts, holds is null as is_finished, fence, coalesce(leased_until > ${now}, false) as is_leased,
    ${msOf('due_at')} as due_at_ms, ${msOf('added_at')} as added_at_ms, ${msOf('changed_at')} as changed_at_ms, ${msOf(now)} as read_at_ms`;
  const contents = 'bytes, sealed_with, reply, reply_sealed_with';
  /** Whether a row is still the entry that was found and, if that had no lease, has none now. */
  const isAsFound = (wasFree: string, place: string): string => `sequence = coalesce(${place}, sequence) and (${wasFree} = 0 or coalesce(leased_until <= ${now}, true))`;
  return {
    add: `insert into fhir_outbox (sequence, id, key, account, facts, bytes, sealed_with, holds, due_at, added_at, changed_at)
      values (${next('fhir_outbox_sequence', '$3 || $2')}, $1, $2, $3, $4, $5, $6, $2, ${later('$7')}, ${now}, ${now})
      on conflict (id) do nothing returning ${columns}`,
    // `case` makes PostgreSQL guess that half of the rows match, so that it goes through them in order and stops at the limit, even by a plan from when
    // the table was empty. Without it, PostgreSQL expects next to no match, and sorts all due rows, or looks up all rows that hold them back at once.
    claim: (limit) => `with due as materialized (
        select id from fhir_outbox as entry
        where account = $1 and due_at is not null and case when due_at <= ${now} and coalesce(leased_until <= ${now}, true) and is_readable
          then not exists (select 1 from fhir_outbox as earlier where earlier.account = $1 and earlier.holds = entry.key and earlier.sequence < entry.sequence)
          else false end
        order by sequence limit ${limit}${skipLocked}
      )
      update fhir_outbox set fence = fence + 1, leased_until = ${later('$2')} where id in (select id from due)
      returning ${columns}, ${contents}`,
    // The cast keeps PostgreSQL from taking `$5` for an integer, as which it is used first. A due row keeps its due time, so that PostgreSQL has no
    // index to write while an entry is only being sent.
    update: `update fhir_outbox set facts = $3, holds = case when $4 = 1 then null else key end,
        due_at = case when cast($5 as float8) = 0 and due_at <= ${now} then due_at else ${later('$5')} end, leased_until = ${later('$6')},
        fence = fence + $7, bytes = coalesce($8, bytes), sealed_with = case when $8 is null then sealed_with else $9 end,
        reply = case when $12 = 1 then null else coalesce($10, reply) end,
        reply_sealed_with = case when $12 = 1 then null when $10 is null then reply_sealed_with else $11 end, changed_at = ${now}
      where id = $1 and fence = $2 and ${isAsFound('$13', '$14')} returning ${columns}`,
    renew: `update fhir_outbox set leased_until = ${later('$5')} where id = $1 and fence = $2 and ${isAsFound('$3', '$4')}`,
    remove: `delete from fhir_outbox where id = $1 and (fence = $2 and ${isAsFound('$3', '$4')} or not is_readable)`,
    get: `select ${columns}, ${contents} from fhir_outbox where id = $1`,
    list: (by) => `select ${columns} from fhir_outbox where ${['is_readable', ...by.map((column, place) => `${column} = $${place + 1}`)].join(' and ')} order by sequence`,
    unreadable: `select id from fhir_outbox where not is_readable order by sequence`,
  };
}
