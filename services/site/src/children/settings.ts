import type { ServiceRole } from '@fengcun/catalog';

/** What both programs need to know of the site. */
export interface SharedSettings {
  readonly siteId: string;
  readonly siteName: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly databaseUrls: Readonly<Record<ServiceRole, string>>;
  readonly redisUrl: string;
  readonly vaultDir: string;
}

export interface WebSettings extends SharedSettings {
  readonly host: string;
  readonly port: number;
  /** `PRIVATE+KEY+...`: the log's signing key. */
  readonly logSigningKey: string;
  /** File in which that key remembers what it signed last. */
  readonly signingMemory: string;
}

export interface WorkerSettings extends SharedSettings {
  readonly scratchDir: string;
}
