import type { Database } from '@fengcun/catalog';
import { identity } from '@fengcun/identity';
import { type Clock, ConfigError, Registry, systemClock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import type { UploadConfig } from './config.ts';
import { dockRoutes } from './docks/routes.ts';
import { uploadMetrics } from './metrics.ts';
import { offloadRoutes } from './offloads/routes.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { continueOnDemand } from './tus/expect-continue.ts';
import { tusRoutes } from './tus/routes.ts';
import { startHousekeeping } from './upload-session/housekeeping.ts';
import { maxParts } from './upload-session/part-size.ts';
import { UploadSessions } from './upload-session/upload-sessions.ts';
import { uploadRoutes } from './uploads/routes.ts';

export interface UploadServiceOptions {
  readonly config: UploadConfig;
  /** a pool logged in as fengcun_upload */
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock?: Clock;
  /** where metrics are registered; the service's own when left out */
  readonly metrics?: Registry;
}

/**
 * Resumable ingest (tus 1.0 under `/files`), docks, offloads and receipts: routes only, no listening. Closing the server cuts uploads off
 * and keeps what they had.
 */
export async function uploadService(app: FastifyInstance, options: UploadServiceOptions): Promise<void> {
  const { config, catalog, vault, clock = systemClock, metrics: registry = new Registry() } = options;
  requireParts(vault, config);
  const rates = { upload: config.requestsPerMinute };
  await app.register(identity, { catalog, audience: config.audience, clock, rates });
  const metrics = uploadMetrics(registry, catalog);
  const sessions = await UploadSessions.open({
    catalog,
    vault,
    clock,
    log: app.log,
    expiryMs: config.expiryHours * 3_600_000,
    leaseMs: config.leaseSeconds * 1000,
    onBytes: (bytes) => metrics.bytesReceived.inc(bytes),
  });
  const housekeeping = startHousekeeping({ catalog, vault, clock, log: app.log });
  // Before the server waits for its connections: requests under way end because their sessions do.
  app.addHook('preClose', async () => {
    await sessions.close();
    await housekeeping.stop();
  });
  offloadRoutes(app, { catalog, clock });
  dockRoutes(app, { config, catalog, clock });
  receiptRoutes(app, { config, catalog });
  uploadRoutes(app, { catalog });
  continueOnDemand(app);
  await app.register(async (scope) => tusRoutes(scope, { config, catalog, vault, clock, sessions, metrics }));
}

/** Fails before anything is taken in where the vault cannot hold the parts that uploads would be cut into. */
function requireParts({ capabilities, driver }: Vault, { partSize }: UploadConfig): void {
  if (capabilities.minPartSize > partSize)
    throw new ConfigError(
      'FENGCUN_UPLOAD_PART_SIZE',
      String(partSize),
      `at least ${capabilities.minPartSize}, the smallest part that the ${driver} vault takes`,
    );
  if (capabilities.maxParts < maxParts)
    throw new Error(
      `The ${driver} vault takes ${capabilities.maxParts} parts of a file; uploads need up to ${maxParts}`,
    );
}
