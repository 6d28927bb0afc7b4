import type { Database } from '@fengcun/catalog';
import { identity } from '@fengcun/identity';
import { type Clock, Counter, Gauge, type Registry, systemClock } from '@fengcun/runtime';
import { formatVerifierKey, type NoteSigner } from '@fengcun/tlog';
import type { FastifyInstance } from 'fastify';
import type { LedgerConfig } from './config/config.ts';
import { logRoutes } from './log-routes/routes.ts';
import { startSequencer } from './sequencer/sequencer.ts';
import { fileSigningMemory } from './sequencer/signing-memory.ts';

export interface LedgerServiceOptions {
  readonly config: LedgerConfig;
  /** logged in as fengcun_ledger */
  readonly catalog: Database;
  readonly signer: NoteSigner;
  readonly clock?: Clock;
  readonly metrics?: Registry;
}

/** The log: sequences, integrates and signs while the app is open, and serves what it signed. */
export async function ledgerService(app: FastifyInstance, options: LedgerServiceOptions): Promise<void> {
  const { config, catalog, signer, clock = systemClock } = options;
  const metrics = options.metrics ? sequencerMetrics(options.metrics) : undefined;
  const sequencer = startSequencer({
    catalog,
    signer,
    clock,
    memory: fileSigningMemory(config.signingMemoryPath),
    logger: app.log.child({ part: 'sequencer' }),
    intervalMs: config.intervalMs,
    batch: config.batch,
    onBatch: (placed) => {
      metrics?.placed.inc(placed);
      metrics?.active.set(sequencer.state === 'active' ? 1 : 0);
    },
  });
  app.addHook('onClose', () => sequencer.close());
  await app.register(async (scope) => {
    const rates = { log: config.requestsPerMinute };
    await scope.register(identity, { catalog, audience: config.audience, clock, rates });
    await scope.register(logRoutes, { catalog, clock, keys: [formatVerifierKey(signer.key), ...config.witnessKeys] });
  });
}

function sequencerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    placed: new Counter({ name: 'fengcun_ledger_entries_total', help: 'Entries placed by this sequencer', registers }),
    active: new Gauge({ name: 'fengcun_ledger_active', help: '1 while this process is the sequencer', registers }),
  };
}
