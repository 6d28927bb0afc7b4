import type pg from 'pg';

/** The statement of `appendEvent`: by far the most frequent one that writes. */
const append = /^insert into "ledger_event" /;
const names = new Map<string, string>();

/**
 * Has the server keep what it made of the statement that appends an event, on this connection: parsing and planning it anew costs a fifth
 * of the whole append, triggers included. Only this one: an insert of values has one plan, a query may get a bad one for good.
 */
export function prepareAppends(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const prepared = (statement: unknown, ...rest: unknown[]) => query(named(statement), ...rest);
  Object.assign(client, { query: prepared });
}

function named(statement: unknown): unknown {
  if (typeof statement !== 'string' || !append.test(statement)) return statement;
  const name = names.get(statement) ?? `append_event_${names.size}`;
  names.set(statement, name);
  return { name, text: statement };
}
