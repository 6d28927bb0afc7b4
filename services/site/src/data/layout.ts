import { join } from 'node:path';

/** Where things are in the data directory. */
export interface SiteLayout {
  readonly root: string;
  readonly postgres: string;
  readonly redis: string;
  readonly vault: string;
  /** The site's own S3 engine, where it has one. */
  readonly s3: string;
  /** Which of the two, or whose else, the recordings are in. */
  readonly vaultRecord: string;
  /** Work space that may be lost at any moment. */
  readonly scratch: string;
  /** Secrets: back them up apart from the data. */
  readonly keys: string;
  readonly log: string;
  /** Working directories of our own processes, by which a later start knows them. */
  readonly run: string;
  /** What runs here now: written when ready, removed on stopping. */
  readonly state: string;
  /** For scripts: address, demo accounts, dock. */
  readonly demo: string;
}

export function layoutOf(root: string): SiteLayout {
  return {
    root,
    postgres: join(root, 'postgres'),
    redis: join(root, 'redis'),
    vault: join(root, 'vault'),
    s3: join(root, 's3'),
    vaultRecord: join(root, 'vault.json'),
    scratch: join(root, 'scratch'),
    keys: join(root, 'keys'),
    log: join(root, 'log'),
    run: join(root, 'run'),
    state: join(root, 'site.json'),
    demo: join(root, 'demo.json'),
  };
}
