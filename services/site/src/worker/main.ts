import { connect } from '@fengcun/catalog';
import { openMedia } from '@fengcun/media';
import { readConfig, readOptionalVaultSettings } from '@fengcun/runtime';
import { openVault } from '@fengcun/vault';
import { fontSettings, startWorker } from '@fengcun/worker';
import { runChild } from '../children/channel.ts';
import type { WorkerSettings } from '../children/settings.ts';

/** The worker of a site: the same `startWorker` that runs alone elsewhere, told by the supervisor instead of the environment. */
await runChild<WorkerSettings>('worker', async (settings, logger) => {
  const catalog = connect({ url: settings.databaseUrls.fengcun_worker, name: 'fengcun-worker' });
  const vault = await openVault(settings.vault);
  const second = readOptionalVaultSettings(process.env, 'FENGCUN_REPLICA_VAULT');
  const replica = second === null ? {} : { replica: await openVault(second) };
  const { cjkFont } = readConfig(process.env, fontSettings);
  const media = await openMedia({ scratchDir: settings.scratchDir, ...(cjkFont ? { cjkFont } : {}) });
  const { config, redisUrl } = settings;
  const worker = await startWorker({
    config,
    catalog,
    redisUrl,
    vault,
    ...replica,
    media,
    logger,
  });
  return {
    async close() {
      await worker.close();
      await Promise.all([vault.close(), replica.replica?.close(), catalog.destroy()]);
    },
  };
});
