import type { Database } from '@fengcun/catalog';
import type { SecretBox } from '@fengcun/identity';
import type { Clock } from '@fengcun/runtime';
import type { Vault } from '@fengcun/vault';
import type { AccessConfig } from './config.ts';

/** What every feature of this service works with. */
export interface Access {
  readonly config: AccessConfig;
  /** logged in as fengcun_access */
  readonly catalog: Database;
  readonly vault: Vault;
  /** where every original is kept a second time, or null */
  readonly replica: Vault | null;
  readonly clock: Clock;
  /** what is kept under the site's own key */
  readonly secrets: SecretBox;
}

/** How this service names itself where it acts on its own. */
export const serviceName = 'access';
export const systemActor = { kind: 'system', id: serviceName, name: null } as const;
