import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { grantVaultAccess, type S3Login, startRgw, writeFileDurably } from '@fengcun/local';
import { prepareS3Buckets } from '@fengcun/vault/s3';
import { defaultBucket } from '../vault/choice.ts';

/**
 * The S3 engine in a container: a Ceph RGW with the vault's buckets and its two users, whose keys it hands out as AWS credentials files, each in
 * a directory that only one kind of service gets to see. Arguments: `--directory`, `--port`, `--name` (host name that clients use), `--keys`.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '/var/lib/fengcun-s3' },
    port: { type: 'string', default: '7480' },
    name: { type: 'string', default: 's3' },
    listen: { type: 'string', default: '0.0.0.0' },
    keys: { type: 'string', default: '/keys' },
  },
});

const server = await startRgw({
  directory: values.directory,
  port: Number(values.port),
  outside: { listen: values.listen, name: values.name },
});
const { endpoint, accessKeyId, secretAccessKey } = server;
const buckets = { bucket: defaultBucket, stagingBucket: `${defaultBucket}-staging` };
await prepareS3Buckets({ endpoint, ...buckets, credentials: { accessKeyId, secretAccessKey } });
const { receiving, sealing } = await grantVaultAccess(server, buckets);
await handOut(receiving, join(values.keys, 'receiving'));
await handOut(sealing, join(values.keys, 'sealing'));
process.stdout.write(`S3 at ${endpoint}, buckets ${buckets.bucket} and ${buckets.stagingBucket}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop());
const { expected } = await server.exited;
process.exitCode = expected ? 0 : 1;

/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html: what the default credential chain reads. */
async function handOut(login: S3Login, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lines = [
    '[default]',
    `aws_access_key_id = ${login.accessKeyId}`,
    `aws_secret_access_key = ${login.secretAccessKey}`,
    '',
  ];
  await writeFileDurably(join(directory, 'credentials'), lines.join('\n'));
}
