import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DockError } from '../errors.ts';
import { readJson, writeDurably } from './durable-file.ts';
import { makeDirectories } from './make-directories.ts';

/** What enrolment gave this dock; kept in `dock.json`. */
export interface Enrolment {
  /** origin of the server */
  readonly url: string;
  readonly dock: { readonly id: string; readonly name: string };
  readonly audience: string;
  /** the log's vkeys as known at enrolment: receipts are checked against these, not against what a receipt claims */
  readonly logKeys: readonly string[];
}

/** The agent's own directory: identity, key, journal. */
export interface Home {
  readonly directory: string;
  readonly journalDirectory: string;
  /** the enrolment's log keys, a vkey a line: what `fengcun-verify --keys` takes */
  readonly logKeysPath: string;
  enrolment(): Promise<Enrolment>;
  key(): Promise<KeyObject>;
  saveEnrolment(enrolment: Enrolment, key: KeyObject): Promise<void>;
}

/** Default: `FENGCUN_DOCK_HOME`, or `~/.fengcun-dock`. */
export const defaultHome = (): string => process.env.FENGCUN_DOCK_HOME || join(homedir(), '.fengcun-dock');

/** Opens (and makes, mode 0700) the agent's directory. */
export async function openHome(directory: string): Promise<Home> {
  const journalDirectory = join(directory, 'journal');
  await makeDirectories(journalDirectory).catch((cause: NodeJS.ErrnoException) => {
    throw new DockError(
      'home_unusable',
      {
        zh: `无法使用 ${directory}（${cause.code}）：请用 --home 或 FENGCUN_DOCK_HOME 另选位置。`,
        en: `Cannot use ${directory} (${cause.code}): choose another place with --home or FENGCUN_DOCK_HOME.`,
      },
      { cause },
    );
  });
  const enrolmentPath = join(directory, 'dock.json');
  const keyPath = join(directory, 'key.pem');
  const logKeysPath = join(directory, 'log-keys.txt');
  return {
    directory,
    journalDirectory,
    logKeysPath,
    async enrolment() {
      const value = await readJson(enrolmentPath);
      if (!isEnrolment(value)) {
        throw new DockError('not_enrolled', {
          zh: '本采集站尚未登记。请向安全管理员索取登记码，然后运行：fengcun-dock enroll 地址 登记码',
          en: 'This dock is not enrolled. Ask the security administrator for a code, then run: fengcun-dock enroll URL CODE',
        });
      }
      return value;
    },
    async key() {
      return createPrivateKey(await readFile(keyPath, 'utf8'));
    },
    async saveEnrolment(enrolment, key) {
      // The key first: an enrolment without its key would look usable and fail at every request.
      await writeDurably(keyPath, key.export({ type: 'pkcs8', format: 'pem' }).toString());
      await writeDurably(logKeysPath, `${enrolment.logKeys.join('\n')}\n`);
      await writeDurably(enrolmentPath, `${JSON.stringify(enrolment, null, 2)}\n`);
    },
  };
}

function isEnrolment(value: unknown): value is Enrolment {
  return (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    typeof value.url === 'string' &&
    'audience' in value &&
    typeof value.audience === 'string' &&
    'logKeys' in value &&
    Array.isArray(value.logKeys) &&
    'dock' in value &&
    typeof value.dock === 'object'
  );
}
