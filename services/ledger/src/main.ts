import { readFile } from 'node:fs/promises';
import { connect } from '@fengcun/catalog';
import { closeOnSignal, createHttpServer, createLogger, createMetrics, exitOnConfigError } from '@fengcun/runtime';
import { ed25519Signer, parseSigningKey } from '@fengcun/tlog';
import { sql } from 'kysely';
import { readLedgerSettings } from './config/config.ts';
import { ledgerService } from './ledger-service.ts';

/** Runs the ledger alone: `node services/ledger/src/main.ts` with the variables of `config/config.ts`. */
await exitOnConfigError(async () => {
  const config = readLedgerSettings(process.env);
  const logger = createLogger({ name: 'ledger', level: config.logLevel });
  const metrics = createMetrics('ledger');
  const catalog = connect({ url: config.databaseUrl, name: 'ledger' });
  const signer = ed25519Signer(parseSigningKey((await readFile(config.signingKeyPath, 'utf8')).trim()));
  const database = { name: 'database', check: async () => void (await sql`select 1`.execute(catalog)) };
  const app = createHttpServer({
    logger,
    metrics,
    health: [database],
    ...(config.trustProxy ? { trustProxy: config.trustProxy } : {}),
  });
  await app.register(ledgerService, { config, catalog, signer, metrics });
  closeOnSignal(() => app.close().then(() => catalog.destroy()), { logger });
  await app.listen({ port: config.port, host: config.host });
});
