/** How to reach an engine, and which of its buckets are the vault. */
export interface S3VaultOptions {
  /** locked bucket: originals and records; versioned, Object Lock, default retention in COMPLIANCE mode */
  readonly bucket: string;
  /**
   * Bucket for tails of parts, derivatives and other things that must be removable at any time; neither versioned nor locked, or every one
   * of them would stay for as long as the default retention of the locked bucket says. Default: `BUCKET-staging`.
   */
  readonly stagingBucket?: string;
  /** put before every key in both buckets, `/`-terminated or empty; several vaults can share buckets */
  readonly prefix?: string;
  /** URL of the engine; without it AWS's own for `region` */
  readonly endpoint?: string;
  /** default `us-east-1` */
  readonly region?: string;
  /** `path`: http://engine/bucket/key (default); `virtual_host`: http://bucket.engine/key */
  readonly addressing?: 'path' | 'virtual_host';
  /** without them the SDK's default chain: environment, shared files, container or instance role */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** section of the shared credentials file to take them from, before the environment; so that two vaults can have credentials of their own */
  readonly profile?: string;
  /** file with the PEM certificates of authorities to trust, instead of the system's */
  readonly caFile?: string;
  /** sockets to the engine, at most; a read holds one until it ends. Default 64 */
  readonly connections?: number;
  /** how long a connection may be silent. Default 60 */
  readonly timeoutSeconds?: number;
  /** how long a call that may be repeated is repeated while the engine does not answer or is busy. Default 20 */
  readonly retrySeconds?: number;
  /** bytes of parts held while they fill; see `PartMemory`. Default 512 MiB */
  readonly partMemory?: number;
  readonly encryption?: Encryption;
  /**
   * `enforced`: the engine's lock is relied on, and the probe fails a service on an engine that does not hold it. `advisory`: an engine that
   * is known not to, used all the same; it is shown as such wherever protection is shown. Default `enforced`.
   */
  readonly protection?: 'enforced' | 'advisory';
  /** directory for `openLocal`; default the system's for temporary files */
  readonly scratchDir?: string;
  /** what the environment variables that these were read from begin with, so that errors can name them. Default `FENGCUN_VAULT` */
  readonly variables?: string;
}

/** At rest, by the engine: not at all, with its own key (SSE-S3), or with a key of a key service (SSE-KMS; without `keyId` its default). */
export type Encryption =
  | { readonly kind: 'none' }
  | { readonly kind: 's3' }
  | { readonly kind: 'kms'; readonly keyId?: string };

type Absent = 'endpoint' | 'credentials' | 'profile' | 'caFile' | 'scratchDir';
export type CompleteOptions = Required<Omit<S3VaultOptions, Absent>> & Pick<S3VaultOptions, Absent>;

/** The options with every default in place. */
export function withDefaults(options: S3VaultOptions): CompleteOptions {
  return {
    stagingBucket: `${options.bucket}-staging`,
    prefix: '',
    region: 'us-east-1',
    addressing: 'path',
    connections: 64,
    timeoutSeconds: 60,
    retrySeconds: 20,
    partMemory: 512 * 1024 * 1024,
    encryption: { kind: 'none' },
    protection: 'enforced',
    variables: 'FENGCUN_VAULT',
    ...options,
  };
}

/** The headers that ask for encryption at rest, for every call that makes an object. */
export function encryptionFields(encryption: Encryption) {
  switch (encryption.kind) {
    case 'none':
      return {};
    case 's3':
      return { ServerSideEncryption: 'AES256' } as const;
    case 'kms':
      return {
        ServerSideEncryption: 'aws:kms',
        ...(encryption.keyId === undefined ? {} : { SSEKMSKeyId: encryption.keyId }),
      } as const;
  }
}
