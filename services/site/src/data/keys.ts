import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId, type ServiceRole, serviceRoles } from '@fengcun/catalog';
import { parseSiteSecret, siteSecretBytes } from '@fengcun/identity';
import { syncDirectory, writeFileDurably } from '@fengcun/local';
import { formatSigningKey, generateSigningKey, parseSigningKey, type SigningKey } from '@fengcun/tlog';
import { SiteError } from '../errors.ts';
import type { SiteLayout } from './layout.ts';

export interface SiteKeys {
  /** UUID of this site: what docks name in their tokens. */
  readonly siteId: string;
  /** What the log signs its checkpoints with. Its name is the log's origin. */
  readonly logKey: SigningKey;
  /** 64 hex digits: second factors are kept under it. */
  readonly siteSecret: string;
  readonly passwords: Readonly<Record<ServiceRole | 'fengcun_owner', string>>;
}

const files = {
  siteId: 'site-id',
  logKey: 'log-signing-key',
  passwords: 'database-passwords.json',
  siteSecret: 'site-secret',
} as const;

/**
 * Reads the site's keys, or makes them at the first start, all of them in one step. They are never made anew beside existing data: a log
 * signed from now on by another key would look like two logs, so losing them has to be noticed.
 *
 * @throws SiteError `keys_missing`, `keys_unreadable`
 */
export async function openKeys(layout: SiteLayout): Promise<SiteKeys> {
  if (!(await exists(layout.keys))) {
    if (await exists(join(layout.postgres, 'cluster'))) throw keysMissing(layout.keys);
    await createKeys(layout.keys);
  }
  await addSiteSecret(layout.keys);
  try {
    const read = async (name: string) => (await readFile(join(layout.keys, name), 'utf8')).trim();
    return {
      siteId: await read(files.siteId),
      logKey: parseSigningKey(await read(files.logKey)),
      passwords: parsePasswords(await read(files.passwords)),
      siteSecret: parseSiteSecret(await read(files.siteSecret)).toString('hex'),
    };
  } catch (cause) {
    throw new SiteError(
      'keys_unreadable',
      `${layout.keys} 中的密钥无法读取。请从备份恢复该目录。`,
      `The keys in ${layout.keys} cannot be read. Restore that directory from a backup.`,
      { cause },
    );
  }
}

async function createKeys(directory: string): Promise<void> {
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await chmod(partial, 0o700);
  const siteId = newId();
  const passwords = Object.fromEntries(
    [...serviceRoles, 'fengcun_owner'].map((role) => [role, randomBytes(32).toString('hex')]),
  );
  await writeFileDurably(join(partial, files.siteId), `${siteId}\n`);
  await writeFileDurably(
    join(partial, files.logKey),
    `${formatSigningKey(generateSigningKey(`fengcun/log/${siteId}`))}\n`,
  );
  await writeFileDurably(join(partial, files.passwords), `${JSON.stringify(passwords, null, 2)}\n`);
  await rename(partial, directory);
  await syncDirectory(dirname(directory));
}

/**
 * A site that was made before second factors has no key for them yet. Made anew beside existing data it does no harm that cannot be undone:
 * second factors kept under a lost one are reset by a security administrator.
 */
async function addSiteSecret(directory: string): Promise<void> {
  const path = join(directory, files.siteSecret);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) await writeFileDurably(path, `${randomBytes(siteSecretBytes).toString('hex')}\n`);
}

function parsePasswords(text: string): SiteKeys['passwords'] {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  const given = new Map(Object.entries(value));
  const password = (role: string): string => {
    const found: unknown = given.get(role);
    if (typeof found !== 'string' || found === '') throw new TypeError(`no password for ${role}`);
    return found;
  };
  return {
    fengcun_owner: password('fengcun_owner'),
    fengcun_upload: password('fengcun_upload'),
    fengcun_access: password('fengcun_access'),
    fengcun_worker: password('fengcun_worker'),
    fengcun_ledger: password('fengcun_ledger'),
  };
}

function keysMissing(directory: string): SiteError {
  return new SiteError(
    'keys_missing',
    `数据库已存在，但密钥目录 ${directory} 不见了。请从备份恢复该目录；封存不会为已有的日志另造签名密钥。`,
    `There is a database, but the keys in ${directory} are gone. Restore that directory from a backup; a new signing key for an existing log is never made.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}
