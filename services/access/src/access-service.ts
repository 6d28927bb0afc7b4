import type { Database } from '@fengcun/catalog';
import { identity } from '@fengcun/identity';
import { type Clock, Problem, systemClock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { alarmRoutes } from './alarm/routes.ts';
import type { AccessConfig } from './config.ts';
import { securityHeaders } from './console/security-headers.ts';
import { consoleFiles } from './console/static.ts';
import { translated } from './errors.ts';
import { evidenceRoutes } from './evidence/routes.ts';
import { Plays } from './play/plays.ts';
import { playRoutes } from './play/routes.ts';
import { sessionRoutes } from './session/routes.ts';
import { siteRoutes } from './site/routes.ts';
import { streamRoutes } from './stream/routes.ts';
import { startSweeper } from './sweeper.ts';
import { verificationRoutes } from './verification/routes.ts';

export interface AccessServiceOptions {
  readonly config: AccessConfig;
  /** logged in as fengcun_access */
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock?: Clock;
  /** the built console; without it only the API is served */
  readonly consoleDir?: string;
}

/** Sessions, catalogue, playback, verification, alarms, the live stream, and the console. Routes only; the caller listens. */
export async function accessService(app: FastifyInstance, options: AccessServiceOptions): Promise<void> {
  const { config, catalog, vault, clock = systemClock, consoleDir } = options;
  const access: Access = { config, catalog, vault, clock };
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request) => {
      if (error instanceof Problem && error.status >= 500)
        request.log.error({ err: error, cause: error.cause }, error.code);
      // The server's own handler makes the problem document.
      throw translated(error);
    });
    securityHeaders(scope);
    await scope.register(identity, { catalog, audience: config.site.id, clock });
    const plays = new Plays(access);
    const sweeper = startSweeper(access, plays, scope.log);
    scope.addHook('onClose', () => sweeper.close());
    sessionRoutes(scope, access, plays);
    siteRoutes(scope, access);
    evidenceRoutes(scope, access);
    playRoutes(scope, access, plays);
    verificationRoutes(scope, access);
    alarmRoutes(scope, access);
    streamRoutes(scope, access);
    if (consoleDir !== undefined) await scope.register(consoleFiles, { consoleDir });
  });
}
