import { connect } from '@fengcun/catalog';
import {
  ConfigError,
  closeOnSignal,
  createHttpServer,
  createLogger,
  createMetrics,
  exitOnConfigError,
} from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { sql } from 'kysely';
import { readUploadSettings } from './config.ts';
import { uploadService } from './service.ts';

/** Runs the upload service alone. Configuration comes from the environment; see `config.ts`. */
await exitOnConfigError(async () => {
  const settings = readUploadSettings(process.env);
  const logger = createLogger({ name: 'upload', level: settings.logLevel });
  const metrics = createMetrics('upload');
  const catalog = connect({ url: settings.databaseUrl, name: 'fengcun-upload', max: 20 });
  const vault = await openVault(settings.vault);
  const { minPartSize } = vault.capabilities;
  if (settings.partSize < minPartSize) {
    const allowed = `at least ${minPartSize} bytes with this vault`;
    throw new ConfigError('FENGCUN_UPLOAD_PART_SIZE', String(settings.partSize), allowed);
  }
  const failed = (await vault.probe()).filter(({ must, outcome }) => must && outcome !== 'passed');
  if (failed.length > 0) {
    // Fail closed: what the vault cannot prove now it will not do later either.
    for (const { check, outcome, detail } of failed)
      logger.error({ check, outcome, detail }, 'the vault is not fit for evidence');
    process.exit(1);
  }
  const app = createHttpServer({
    logger,
    metrics,
    health: [
      { name: 'database', check: async () => void (await sql`select 1`.execute(catalog)) },
      { name: 'vault', check: async () => void (await vault.headroom()) },
    ],
    ...(settings.trustProxy === '' ? {} : { trustProxy: settings.trustProxy }),
  });
  await app.register(uploadService, { config: settings, catalog, vault, metrics });
  const address = await app.listen({ host: settings.host, port: settings.port });
  logger.info({ address }, 'listening');
  closeOnSignal(
    async () => {
      await app.close();
      await vault.close();
      await catalog.destroy();
    },
    { logger },
  );
});
