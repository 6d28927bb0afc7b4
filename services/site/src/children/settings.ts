import type { ServiceRole } from '@fengcun/catalog';
import type { VaultConfig } from '@fengcun/vault';
import type { WorkerConfig } from '@fengcun/worker/config';

/** What both programs need to know of the site. */
export interface SharedSettings {
  readonly siteId: string;
  readonly siteName: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly databaseUrls: Readonly<Record<ServiceRole, string>>;
  readonly redisUrl: string;
  readonly vault: VaultConfig;
}

export interface WebSettings extends SharedSettings {
  /** 64 hex digits: the key under which second factors are kept. */
  readonly siteSecret: string;
  readonly host: string;
  readonly port: number;
  /** `PRIVATE+KEY+...`: the log's signing key. */
  readonly logSigningKey: string;
  /** File in which that key remembers what it signed last. */
  readonly signingMemory: string;
}

export interface WorkerSettings extends SharedSettings {
  readonly scratchDir: string;
  /** as the operator's environment has it */
  readonly config: WorkerConfig;
}
