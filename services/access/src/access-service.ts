import type { Database } from '@fengcun/catalog';
import { identity, SecretBox } from '@fengcun/identity';
import { type Clock, Problem, systemClock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { attachmentRoutes } from './access-request/attachment-routes.ts';
import { requestRoutes } from './access-request/routes.ts';
import { accountRoutes } from './account/routes.ts';
import { alarmRoutes } from './alarm/routes.ts';
import { caseRoutes } from './case-file/routes.ts';
import type { AccessConfig } from './config.ts';
import { securityHeaders } from './console/security-headers.ts';
import { consoleFiles } from './console/static.ts';
import { descriptionRoutes } from './description/routes.ts';
import { deviceRoutes } from './device/routes.ts';
import { translated } from './errors.ts';
import { evidenceRoutes } from './evidence/routes.ts';
import { grantRoutes } from './grant/routes.ts';
import { watchRevocations } from './grant/watch-revocations.ts';
import { IssuedCopies } from './issued-copy/copies.ts';
import { issuedCopyRoutes } from './issued-copy/routes.ts';
import { LedgerGate } from './ledger/gate.ts';
import { meRoutes } from './me/routes.ts';
import { notificationRoutes } from './notification/routes.ts';
import { Plays } from './play/plays.ts';
import { playRoutes } from './play/routes.ts';
import { policyRoutes } from './policy/routes.ts';
import { redactionRoutes } from './redaction/routes.ts';
import { audienceRoutes } from './register/audience-routes.ts';
import { reportRoutes } from './register/report-routes.ts';
import { registerRoutes } from './register/routes.ts';
import { dispositionRoutes } from './retention/disposition-routes.ts';
import { itemRetentionRoutes } from './retention/item-routes.ts';
import { retentionRulesRoutes } from './retention/rules-routes.ts';
import { oidcRoutes } from './session/oidc-routes.ts';
import { sessionRoutes } from './session/routes.ts';
import { setUpRoutes } from './set-up/routes.ts';
import { siteRoutes } from './site/routes.ts';
import { streamRoutes } from './stream/routes.ts';
import { startSweeper } from './sweeper.ts';
import { colleagueRoutes } from './unit/colleague-routes.ts';
import { unitRoutes } from './unit/routes.ts';
import { verificationRoutes } from './verification/routes.ts';
import { webhookRoutes } from './webhook/routes.ts';

export interface AccessServiceOptions {
  readonly config: AccessConfig;
  /** logged in as fengcun_access */
  readonly catalog: Database;
  readonly vault: Vault;
  /** where every original is kept a second time; absent: one copy */
  readonly replica?: Vault;
  readonly clock?: Clock;
  /** the built console; without it only the API is served */
  readonly consoleDir?: string;
}

/** Sessions, catalogue, playback, verification, alarms, the live stream, and the console. Routes only; the caller listens. */
export async function accessService(app: FastifyInstance, options: AccessServiceOptions): Promise<void> {
  const { config, catalog, vault, clock = systemClock, consoleDir } = options;
  const access: Access = {
    config,
    catalog,
    vault,
    replica: options.replica ?? null,
    clock,
    secrets: new SecretBox(config.siteSecret),
  };
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request) => {
      if (error instanceof Problem && error.status >= 500)
        request.log.error({ err: error, cause: error.cause }, error.code);
      // The server's own handler makes the problem document.
      throw translated(error);
    });
    await securityHeaders(scope);
    await scope.register(identity, { catalog, audience: config.site.id, clock, rates: config.rates });
    const plays = new Plays(access, scope.log);
    scope.addHook('onClose', () => plays.close());
    const copies = new IssuedCopies(access);
    const gate = new LedgerGate(access);
    const revocations = watchRevocations(access, { plays, copies }, scope.log);
    scope.addHook('onClose', () => revocations.close());
    const sweeper = startSweeper(access, plays, scope.log);
    scope.addHook('onClose', () => sweeper.close());
    sessionRoutes(scope, access, plays);
    oidcRoutes(scope, access);
    setUpRoutes(scope, access);
    meRoutes(scope, access);
    accountRoutes(scope, access);
    unitRoutes(scope, access);
    colleagueRoutes(scope, access);
    deviceRoutes(scope, access);
    siteRoutes(scope, access);
    evidenceRoutes(scope, access);
    descriptionRoutes(scope, access);
    caseRoutes(scope, access);
    registerRoutes(scope, access);
    audienceRoutes(scope, access);
    reportRoutes(scope, access);
    playRoutes(scope, access, plays, gate);
    issuedCopyRoutes(scope, access, copies, gate);
    redactionRoutes(scope, access, plays, gate);
    verificationRoutes(scope, access);
    alarmRoutes(scope, access);
    requestRoutes(scope, access);
    attachmentRoutes(scope, access, gate);
    grantRoutes(scope, access);
    policyRoutes(scope, access);
    notificationRoutes(scope, access);
    webhookRoutes(scope, access);
    retentionRulesRoutes(scope, access);
    itemRetentionRoutes(scope, access);
    dispositionRoutes(scope, access);
    streamRoutes(scope, access);
    if (consoleDir !== undefined) await scope.register(consoleFiles, { consoleDir });
  });
}
