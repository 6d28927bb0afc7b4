import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SiteError } from '../errors.ts';

export interface StartCommand {
  readonly command: 'start';
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** `auto`: when there was nothing in the directory. */
  readonly demo: 'auto' | 'yes' | 'no';
  readonly detach: boolean;
}

export interface StopCommand {
  readonly command: 'stop';
  readonly dataDir: string;
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Parses `start [--data DIR] [--port N] [--host ADDRESS] [--demo | --no-demo] [--detach]` or `stop [--data DIR]`. The default directory is
 * the repository's `.data`, wherever the command is given.
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

function usage(found: string): SiteError {
  return new SiteError(
    'usage',
    `命令不正确：${found}。用法：start [--data 目录] [--port 端口] [--host 地址] [--demo | --no-demo] [--detach]，或 stop [--data 目录]`,
    `Not understood: ${found}. Usage: start [--data DIR] [--port N] [--host ADDRESS] [--demo | --no-demo] [--detach], or stop [--data DIR]`,
  );
}
