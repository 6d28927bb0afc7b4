import { accessService, defaultAccessLimits, openSignInConfig, reportSettings, signInSettings } from '@fengcun/access';
import { connect } from '@fengcun/catalog';
import { consoleDir } from '@fengcun/console';
import { parseSiteSecret } from '@fengcun/identity';
import { ledgerService, ledgerSettings } from '@fengcun/ledger';
import { createHttpServer, createMetrics, readConfig, readOptionalVaultSettings } from '@fengcun/runtime';
import { ed25519Signer, formatVerifierKey, parseSigningKey } from '@fengcun/tlog';
import { uploadService, uploadSettings } from '@fengcun/upload';
import { openVault } from '@fengcun/vault';
import { sql } from 'kysely';
import manifest from '../../package.json' with { type: 'json' };
import { runChild } from '../children/channel.ts';
import type { WebSettings } from '../children/settings.ts';

/**
 * Everything that speaks HTTP, on one port: upload, access (with the console) and ledger, each with its own pool in its own role. No proxy
 * stands before it, so that an uploaded byte is received once.
 */
await runChild<WebSettings>('web', async (settings, logger) => {
  const signer = ed25519Signer(parseSigningKey(settings.logSigningKey));
  const logKeys = [formatVerifierKey(signer.key)];
  // What the site decides itself; the rest of each service's settings may come from the environment.
  const environment = {
    ...process.env,
    FENGCUN_SITE_ID: settings.siteId,
    FENGCUN_LOG_KEYS: logKeys.join(','),
    FENGCUN_LOG_MEMORY: settings.signingMemory,
  };
  const uploadConfig = readConfig(environment, uploadSettings);
  const { databaseUrls: urls } = settings;
  const upload = connect({ url: urls.fengcun_upload, name: 'fengcun-upload', max: 20 });
  const access = connect({ url: urls.fengcun_access, name: 'fengcun-access', max: 20 });
  const ledger = connect({ url: urls.fengcun_ledger, name: 'fengcun-ledger', max: 5 });
  const vault = await openVault(settings.vault);
  const second = readOptionalVaultSettings(environment, 'FENGCUN_REPLICA_VAULT');
  const replica = second === null ? {} : { replica: await openVault(second) };
  const metrics = createMetrics('web');
  const app = createHttpServer({
    logger,
    metrics,
    health: [
      { name: 'database', check: async () => void (await sql`select 1`.execute(access)) },
      { name: 'vault', check: async () => void (await vault.headroom()) },
    ],
  });
  await app.register(uploadService, { config: uploadConfig, catalog: upload, vault, metrics });
  await app.register(ledgerService, {
    config: readConfig(environment, ledgerSettings),
    catalog: ledger,
    signer,
    metrics,
  });
  await app.register(accessService, {
    config: {
      ...defaultAccessLimits,
      ...(await openSignInConfig(readConfig(environment, signInSettings))),
      cjkFont: readConfig(environment, reportSettings).cjkFont || null,
      siteSecret: parseSiteSecret(settings.siteSecret),
      site: {
        id: settings.siteId,
        name: settings.siteName,
        version: manifest.version,
        timeZone: settings.timeZone,
        maxUploadSize: uploadConfig.maxSize,
        logOrigin: signer.key.name,
      },
      logKeys,
    },
    catalog: access,
    vault,
    ...replica,
    consoleDir,
  });
  await app.listen({ host: settings.host, port: settings.port });
  return {
    async close() {
      await app.close();
      await Promise.all([
        vault.close(),
        replica.replica?.close(),
        upload.destroy(),
        access.destroy(),
        ledger.destroy(),
      ]);
    },
  };
});
