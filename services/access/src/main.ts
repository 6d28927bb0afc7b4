import { connect } from '@fengcun/catalog';
import { closeOnSignal, createHttpServer, createLogger, createMetrics, exitOnConfigError } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { sql } from 'kysely';
import manifest from '../package.json' with { type: 'json' };
import { accessService } from './access-service.ts';
import { openSignInConfig, openSiteSecret, readAccessSettings } from './config.ts';

/** Runs the access service alone: `node services/access/src/main.ts` with the variables of `config.ts`. */
await exitOnConfigError(async () => {
  const settings = readAccessSettings(process.env);
  const config = {
    ...settings,
    ...(await openSignInConfig(settings)),
    siteSecret: await openSiteSecret(settings.siteSecretFile),
    site: { ...settings.site, version: manifest.version },
  };
  const logger = createLogger({ name: 'access', level: settings.logLevel });
  const catalog = connect({ url: settings.databaseUrl, name: 'fengcun-access' });
  const vault = await openVault(settings.vault);
  const replica = settings.replica === null ? {} : { replica: await openVault(settings.replica) };
  const database = { name: 'database', check: async () => void (await sql`select 1`.execute(catalog)) };
  const app = createHttpServer({
    logger,
    metrics: createMetrics('access'),
    health: [database],
    ...(settings.trustProxy ? { trustProxy: settings.trustProxy } : {}),
  });
  const consoleDir = settings.consoleDir ? { consoleDir: settings.consoleDir } : {};
  await app.register(accessService, { config, catalog, vault, ...replica, ...consoleDir });
  closeOnSignal(
    () =>
      app
        .close()
        .then(() => Promise.all([vault.close(), replica.replica?.close(), catalog.destroy()]))
        .then(() => undefined),
    { logger },
  );
  await app.listen({ port: settings.port, host: settings.host });
});
