/**
 * A process that owns a server, to be killed by tests. Arguments: `postgres`, `redis` or `rgw`, and the options as JSON.
 * Prints the server's pid and URL, or the error's code and message, as one JSON line; then stays until it is killed.
 */
import { LocalError, startPostgres, startRedis, startRgw } from '../src/index.ts';

const [kind, json = '{}'] = process.argv.slice(2);
try {
  const report =
    kind === 'rgw'
      ? await startRgw(JSON.parse(json)).then(({ pid, endpoint }) => ({ pid, url: endpoint }))
      : await (kind === 'postgres' ? startPostgres : startRedis)(JSON.parse(json)).then(({ pid, url }) => ({
          pid,
          url,
        }));
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message })}\n`);
}
