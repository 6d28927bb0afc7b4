import { connect } from '@fengcun/catalog';
import { openMedia } from '@fengcun/media';
import { closeOnSignal, createHttpServer, createLogger, exitOnConfigError } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { readWorkerSettings } from './config.ts';
import { serviceName } from './service-name.ts';
import { startWorker } from './start-worker.ts';

/** Runs one worker process. `FENGCUN_HEALTH_PORT` (0: any free one) serves /health/live, /health/ready and /metrics on loopback. */
await exitOnConfigError(async () => {
  const settings = readWorkerSettings(process.env);
  const logger = createLogger({ name: serviceName, level: settings.logLevel });
  const catalog = connect({ url: settings.databaseUrl, name: 'fengcun-worker' });
  const vault = await openVault({ driver: 'disk', root: settings.vaultDir });
  const media = await openMedia({ scratchDir: settings.scratchDir });
  const worker = await startWorker({ config: settings, catalog, redisUrl: settings.redisUrl, vault, media, logger });
  const server =
    settings.healthPort < 0 ? null : createHttpServer({ logger, metrics: worker.metrics, health: worker.health });
  const address = await server?.listen({ host: '127.0.0.1', port: settings.healthPort });
  logger.info({ address: address ?? null, vault: vault.driver }, 'worker started');
  closeOnSignal(
    async () => {
      await server?.close();
      await worker.close();
      await Promise.all([vault.close(), catalog.destroy()]);
    },
    { logger },
  );
});
