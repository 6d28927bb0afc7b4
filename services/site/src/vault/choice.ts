/**
 * Where a site keeps recordings, as its user asked for it: in files, on a Ceph that the site runs itself, or on an S3 engine that is there
 * already.
 */
export type VaultChoice = DiskChoice | OwnS3Choice | GivenS3Choice;

export interface DiskChoice {
  readonly kind: 'disk';
}

export interface OwnS3Choice {
  readonly kind: 's3-own';
}

export interface GivenS3Choice {
  readonly kind: 's3-given';
  /** http(s) URL without a path */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
}

export const defaultBucket = 'fengcun';
export const defaultRegion = 'us-east-1';

/** What is typed to get this choice, for messages. */
export function flagsOf(choice: VaultChoice): string {
  switch (choice.kind) {
    case 'disk':
      return '';
    case 's3-own':
      return '--s3';
    case 's3-given': {
      const bucket = choice.bucket === defaultBucket ? '' : ` --s3-bucket ${choice.bucket}`;
      const region = choice.region === defaultRegion ? '' : ` --s3-region ${choice.region}`;
      return `--s3-endpoint ${choice.endpoint}${bucket}${region}`;
    }
  }
}
