import { availableParallelism } from 'node:os';
import type { Database } from '@fengcun/catalog';
import { DigestPool } from '@fengcun/digest';
import { assertSafeRedis, HandlerRegistry, openQueues, queueMetrics, startRelay, startWorkers } from '@fengcun/jobs';
import type { Media } from '@fengcun/media';
import {
  type Clock,
  createLogger,
  createMetrics,
  type HealthCheck,
  type Logger,
  type Registry,
  systemClock,
} from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import { sql } from 'kysely';
import type { WorkerConfig } from './config.ts';
import { probeHandler } from './derivatives/probe-handler.ts';
import { proxyHandler } from './derivatives/proxy-handler.ts';
import { disposeHandler } from './disposition/dispose-handler.ts';
import { WorkerError } from './errors.ts';
import { copyHandler } from './issued-copy/copy-handler.ts';
import { startRemover } from './issued-copy/start-remover.ts';
import { ReplicaSearch } from './reconcile/keeping.ts';
import { startReconciler } from './reconcile/start-reconciler.ts';
import { ConcealmentWatch } from './reconcile/watch-concealed.ts';
import { redactHandler } from './redaction/redact-handler.ts';
import { retainHandler } from './retention/retain-handler.ts';
import { ReadAhead } from './seal/read-ahead.ts';
import { sealHandler } from './seal/seal-handler.ts';
import { serviceName } from './service-name.ts';
import { replicateHandler } from './vault-copy/replicate-handler.ts';
import { startNotifier } from './webhook/start-notifier.ts';

export interface WorkerOptions {
  readonly config: WorkerConfig;
  /** pool of role `fengcun_worker` */
  readonly catalog: Database;
  readonly redisUrl: string;
  readonly vault: Vault;
  /** where every original is kept a second time; absent: one copy */
  readonly replica?: Vault;
  readonly media: Media;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: Registry;
}

export interface WorkerProcess {
  readonly metrics: Registry;
  /** for /health/ready: database, Redis, vault, and whether every queue is being worked on */
  readonly health: readonly HealthCheck[];
  /** Takes no more work, ends or aborts what runs, and disconnects. Catalogue and vault are the caller's. */
  close(): Promise<void>;
}

/**
 * A thread takes about 10 MiB, and the memory is shared by all streams: together they stay well under what a worker process may have,
 * whatever the number of cores and the size of files. More throughput than six threads give comes from more processes.
 */
const digestResources = {
  threads: Math.min(6, Math.max(2, 2 * availableParallelism())),
  memory: 16 * 1024 * 1024,
};

/**
 * Starts sealing, derivatives, the outbox relay and the reconciler in this process. Any number of worker processes may run. Rejects with
 * `JobsError` when Redis cannot be trusted with jobs, and with `WorkerError` when the vault fails a check that sealing rests on.
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const { config, catalog, vault, media, redisUrl } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createLogger({ name: serviceName });
  const metrics = options.metrics ?? createMetrics(serviceName);
  await assertSafeRedis({ url: redisUrl, appendOnly: config.redisAppendOnly, logger });
  await assertSoundVault(vault, logger);
  const replica = options.replica ?? null;
  if (replica !== null) await assertSoundVault(replica, logger);
  const vaults = { primary: vault, replica };

  const pool = new DigestPool(digestResources);
  const queues = openQueues({
    redisUrl,
    prefix: config.redisPrefix,
    onError: (error) => logger.warn({ err: error }, 'redis'),
  });
  const readAhead = startReadAhead(options, pool, logger);
  const derivatives = { catalog, vault, media, clock, forgottenAfterMs: config.forgottenAfterMs };
  const handlers = new HandlerRegistry()
    .handle(
      'seal',
      sealHandler({ catalog, vault, replica, pool, readAhead, retentionDays: config.retentionDays, clock }),
    )
    .handle('retain', retainHandler({ catalog, vaults, clock }))
    .handle('replicate', replicateHandler({ catalog, vaults, pool, clock }))
    .handle('dispose', disposeHandler({ catalog, vaults, clock }))
    .handle('probe', probeHandler(derivatives))
    .handle('proxy', proxyHandler(derivatives))
    .handle('copy', copyHandler({ ...derivatives, pool, lifetimeMs: config.copyLifetimeMs }))
    .handle('redact', redactHandler({ ...derivatives, pool, mark: config.redactionMark }));

  const workers = await startWorkers({
    redisUrl,
    prefix: config.redisPrefix,
    handlers,
    logger,
    metrics,
    concurrency: {
      seal: config.sealConcurrency,
      probe: config.probeConcurrency,
      proxy: config.proxyConcurrency,
      copy: config.copyConcurrency,
    },
  }).catch(async (error: unknown) => {
    await Promise.allSettled([readAhead?.close(), queues.close(), pool.close()]);
    throw error;
  });
  queueMetrics(metrics, queues);
  const relay = startRelay({ catalog, queues, logger, metrics });
  const reconciler = startReconciler({
    catalog,
    queues,
    clock,
    logger,
    metrics,
    everyMs: config.reconcileEveryMs,
    forgottenAfterMs: config.forgottenAfterMs,
    replicas: replica === null ? null : new ReplicaSearch({ catalog, clock }, replica),
    concealment: new ConcealmentWatch({ catalog, vaults, clock }),
  });

  const remover = startRemover({ catalog, vault, clock, logger, everyMs: config.reconcileEveryMs });

  const notifier = startNotifier({
    catalog,
    clock,
    logger,
    everyMs: 1000,
    allowLoopback: config.webhookLoopback,
  });

  return {
    metrics,
    health: [
      { name: 'database', check: async () => void (await sql`select 1`.execute(catalog)) },
      { name: 'redis', check: () => queues.ping() },
      { name: 'vault', check: async () => void (await vault.headroom()) },
      ...(replica === null ? [] : [{ name: 'replica', check: async () => void (await replica.headroom()) }]),
      {
        name: 'queues',
        check: async () => {
          if (!workers.running) throw new Error('a queue is not being worked on');
        },
      },
    ],
    async close() {
      await Promise.all([reconciler.close(), relay.close(), remover.close(), notifier.close(), readAhead?.close()]);
      await workers.close();
      await Promise.all([queues.close(), pool.close()]);
    },
  };
}

/** No capability proved at start-up, no service: tries on dummy objects that the vault refuses what it must refuse. */
async function assertSoundVault(vault: Vault, logger: Logger): Promise<void> {
  const findings = await vault.probe();
  const failed = findings.filter((finding) => finding.must && finding.outcome !== 'passed');
  if (failed.length > 0) {
    throw new WorkerError('vault_unfit', failed.map(({ check, detail }) => `${check}: ${detail}`).join('; '));
  }
  for (const { check, outcome, detail } of findings) {
    if (outcome !== 'passed') logger.warn({ check, outcome, detail }, 'vault');
  }
}

function startReadAhead({ config, catalog, vault }: WorkerOptions, pool: DigestPool, logger: Logger): ReadAhead | null {
  if (config.readAheadUploads === 0 || !vault.capabilities.readsStagedParts) return null;
  return new ReadAhead({
    catalog,
    vault,
    pool,
    limit: config.readAheadUploads,
    minSize: config.readAheadMinSize,
    logger,
  });
}
