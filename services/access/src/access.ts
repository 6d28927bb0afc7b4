import type { Database } from '@fengcun/catalog';
import type { Clock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { AccessConfig } from './config.ts';

/** What every feature of this service works with. */
export interface Access {
  readonly config: AccessConfig;
  /** logged in as fengcun_access */
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** How this service names itself where it acts on its own. */
export const serviceName = 'access';
export const systemActor = { kind: 'system', id: serviceName, name: null } as const;
