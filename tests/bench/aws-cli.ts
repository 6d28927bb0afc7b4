import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { S3Login } from '@fengcun/local';

const execute = promisify(execFile);

/** Debian's, and not whatever else is called `aws` on this machine. */
const program = '/usr/bin/aws';

/** A bucket used with the AWS command line, as it comes: ten requests at a time, parts of 8 MiB. */
export interface AwsBucket {
  /** `aws s3 cp FILE s3://...` */
  upload(file: string, key: string): Promise<void>;
  /** `aws s3 cp s3://... -`, read once through `openssl dgst` for SHA-256 and SM3 side by side. Answers what they print. */
  readBack(key: string): Promise<{ sha256: string; sm3: string }>;
  remove(key: string): Promise<void>;
  /** URL of an object, signed for an hour */
  signedUrl(key: string): Promise<string>;
}

export async function makeAwsBucket(endpoint: string, login: S3Login, bucket: string): Promise<AwsBucket> {
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: login.accessKeyId,
    AWS_SECRET_ACCESS_KEY: login.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const aws = (...args: string[]) => execute(program, ['--endpoint-url', endpoint, ...args], { env });
  await aws('s3', 'mb', `s3://${bucket}`);
  return {
    async upload(file, key) {
      await aws('s3', 'cp', '--only-show-errors', file, `s3://${bucket}/${key}`);
    },
    async readBack(key) {
      const download = '"$0" --endpoint-url "$1" s3 cp "s3://$2/$3" -';
      const digests =
        'tee >(openssl dgst -r -sha256 | sed "s/^/sha256 /" >&3) | openssl dgst -r -sm3 | sed "s/^/sm3 /" >&3';
      // The last command waits until both have written: the pipe ends when everybody has closed it.
      const script = `set -o pipefail; { ${download} | ${digests}; } 3>&1 | cat`;
      const { stdout } = await execute('bash', ['-c', script, program, endpoint, bucket, key], { env });
      const digest = (name: string) => new RegExp(`^${name} ([0-9a-f]{64})`, 'm').exec(stdout)?.[1] ?? '';
      return { sha256: digest('sha256'), sm3: digest('sm3') };
    },
    async remove(key) {
      await aws('s3', 'rm', '--only-show-errors', `s3://${bucket}/${key}`);
    },
    async signedUrl(key) {
      const { stdout } = await aws('s3', 'presign', `s3://${bucket}/${key}`);
      return stdout.trim();
    },
  };
}
