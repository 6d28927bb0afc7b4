import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SiteError } from '../errors.ts';
import { defaultBucket, defaultRegion, type VaultChoice } from '../vault/choice.ts';

export interface StartCommand {
  readonly command: 'start';
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** `auto`: when there was nothing in the directory. */
  readonly demo: 'auto' | 'yes' | 'no';
  readonly detach: boolean;
  readonly vault: VaultChoice;
}

export interface StopCommand {
  readonly command: 'stop';
  readonly dataDir: string;
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Parses `start [--data DIR] [--port N] [--host ADDRESS] [--demo | --no-demo] [--detach] [--s3 | --s3-endpoint URL [--s3-bucket NAME]
 * [--s3-region NAME]]` or `stop [--data DIR]`. The default directory is the repository's `.data`, wherever the command is given.
 *
 * @throws SiteError `usage`
 */
export function parseCommand(argv: readonly string[], cwd = process.cwd()): StartCommand | StopCommand {
  const [command, ...args] = argv;
  if (command !== 'start' && command !== 'stop') throw usage(`"${command ?? ''}"`);
  try {
    if (command === 'stop') {
      const { values } = parseArgs({ args, options: { data: { type: 'string' } } });
      return { command, dataDir: directory(values.data, cwd) };
    }
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        demo: { type: 'boolean' },
        detach: { type: 'boolean' },
        s3: { type: 'boolean' },
        's3-endpoint': { type: 'string' },
        's3-bucket': { type: 'string' },
        's3-region': { type: 'string' },
      },
      allowNegative: true,
    });
    return {
      command,
      dataDir: directory(values.data, cwd),
      host: values.host ?? '127.0.0.1',
      port: parsePort(values.port ?? '8080'),
      demo: values.demo === undefined ? 'auto' : values.demo ? 'yes' : 'no',
      detach: values.detach ?? false,
      vault: parseVault(values.s3 ?? false, values['s3-endpoint'], values['s3-bucket'], values['s3-region']),
    };
  } catch (error) {
    if (error instanceof SiteError) throw error;
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function directory(given: string | undefined, cwd: string): string {
  if (given === '') throw usage('--data ""');
  return given === undefined ? resolve(repository, '.data') : resolve(cwd, given);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw usage(`--port ${text}`);
  return port;
}

function parseVault(
  own: boolean,
  endpoint: string | undefined,
  bucket: string | undefined,
  region: string | undefined,
): VaultChoice {
  if (endpoint === undefined) {
    if (bucket !== undefined) throw usage(`--s3-bucket ${bucket}`);
    if (region !== undefined) throw usage(`--s3-region ${region}`);
    return { kind: own ? 's3-own' : 'disk' };
  }
  if (own) throw usage(`--s3 --s3-endpoint ${endpoint}`);
  return {
    kind: 's3-given',
    endpoint: parseEndpoint(endpoint),
    bucket: parseBucket(bucket ?? defaultBucket),
    region: parseRegion(region ?? defaultRegion),
  };
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === undefined || !plain || !['http:', 'https:'].includes(url.protocol)) throw usage(`--s3-endpoint ${text}`);
  return url.origin;
}

/** What every engine takes: lower case, digits, hyphens; dots would break certificates with virtual hosts. */
function parseBucket(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text)) throw usage(`--s3-bucket ${text}`);
  return text;
}

function parseRegion(text: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(text)) throw usage(`--s3-region ${text}`);
  return text;
}

function usage(found: string): SiteError {
  return new SiteError(
    'usage',
    `命令不正确：${found}。用法：start [--data 目录] [--port 端口] [--host 地址] [--demo | --no-demo] [--detach] [--s3 | --s3-endpoint 地址 [--s3-bucket 桶名] [--s3-region 区域]]，或 stop [--data 目录]`,
    `Not understood: ${found}. Usage: start [--data DIR] [--port N] [--host ADDRESS] [--demo | --no-demo] [--detach] [--s3 | --s3-endpoint URL [--s3-bucket NAME] [--s3-region NAME]], or stop [--data DIR]`,
  );
}
