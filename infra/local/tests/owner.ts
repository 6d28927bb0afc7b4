/**
 * A process that owns a server, to be killed by tests. Arguments: `postgres` or `redis`, and the options as JSON.
 * Prints the server's pid and URL, or the error's code and message, as one JSON line; then stays until it is killed.
 */
import { LocalError, startPostgres, startRedis } from '../src/index.ts';

const [kind, json = '{}'] = process.argv.slice(2);
try {
  const server = kind === 'postgres' ? await startPostgres(JSON.parse(json)) : await startRedis(JSON.parse(json));
  process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message })}\n`);
}
