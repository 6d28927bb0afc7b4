import { connect } from '@fengcun/catalog';
import { sm3Library } from '@fengcun/digest';
import { openMedia } from '@fengcun/media';
import { closeOnSignal, createHttpServer, createLogger, exitOnConfigError } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { readWorkerSettings } from './config.ts';
import { serviceName } from './service-name.ts';
import { startWorker } from './start-worker.ts';

/** Runs one worker process: `node services/worker/src/main.ts` with the variables of `config.ts`. Its port serves /health and /metrics. */
await exitOnConfigError(async () => {
  const settings = readWorkerSettings(process.env);
  const logger = createLogger({ name: serviceName, level: settings.logLevel });
  const catalog = connect({ url: settings.databaseUrl, name: 'fengcun-worker' });
  const vault = await openVault(settings.vault);
  const replica = settings.replica === null ? {} : { replica: await openVault(settings.replica) };
  const media = await openMedia({
    scratchDir: settings.scratchDir,
    ...(settings.cjkFont ? { cjkFont: settings.cjkFont } : {}),
  });
  const worker = await startWorker({
    config: settings,
    catalog,
    redisUrl: settings.redisUrl,
    vault,
    ...replica,
    media,
    logger,
  });
  const server = createHttpServer({
    logger,
    metrics: worker.metrics,
    health: worker.health,
    ...(settings.trustProxy ? { trustProxy: settings.trustProxy } : {}),
  });
  const address = await server.listen({ host: settings.host, port: settings.port });
  logger.info(
    { address, vault: vault.driver, replica: replica.replica?.driver ?? 'none', sm3: sm3Library() },
    'worker started',
  );
  closeOnSignal(
    async () => {
      await server.close();
      await worker.close();
      await Promise.all([vault.close(), replica.replica?.close(), catalog.destroy()]);
    },
    { logger },
  );
});
