import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { readAccessSettings } from '@fengcun/access';
import { api } from '@fengcun/contracts';
import { readLedgerSettings } from '@fengcun/ledger';
import { type PostgresServer, type RedisServer, startPostgres, startRedis } from '@fengcun/local';
import { runAlone } from '@fengcun/local/testing';
import { readUploadSettings } from '@fengcun/upload';
import { readWorkerSettings } from '@fengcun/worker';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { runProgram } from '../../tests/run-program.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const text = await readFile(join(root, 'infra/compose.yaml'), 'utf8');
const nginx = await readFile(join(root, 'infra/proxy/nginx.conf'), 'utf8');
const dockerfile = await readFile(join(root, 'infra/Dockerfile'), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly build?: { readonly target: string };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** As `docker compose` would read it: anchors merged, `${NAME:-default}` replaced, `$$` for `$`. */
const compose: Compose = parse(text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$'), { merge: true });
const services = Object.entries(compose.services);
const readers = {
  upload: readUploadSettings,
  access: readAccessSettings,
  ledger: readLedgerSettings,
  worker: readWorkerSettings,
} as const;
type OwnName = keyof typeof readers;
const own = Object.keys(readers) as OwnName[];

describe('infra/compose.yaml', () => {
  it('is what the Compose Specification allows', async () => {
    const schema = JSON.parse(
      await readFile(new URL('../../tests/compose-spec/compose-spec.json', import.meta.url), 'utf8'),
    );
    const validate = new Ajv({ strict: false, validateFormats: false }).compile({ ...schema, $schema: undefined });
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
    // The schema lets something be wrong.
    expect(validate({ ...compose, services: { web: { ports: 'all' } } })).toBe(false);
  });

  it.each(services)('%s runs as nobody special, on a root it cannot write, from a pinned image', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.user).toMatch(/^(node|postgres|redis|nginx)$/);
    if (service.build === undefined) expect(service.image).toMatch(/:\d+\.\d+(\.\d+)?-\w+$/);
  });

  it.each(services.filter(([, { restart }]) => restart !== 'no'))('%s is asked for its health', (_, service) => {
    expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  it('publishes one port, of the proxy, on this machine only unless told otherwise', () => {
    expect(services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))).toEqual([
      'proxy 127.0.0.1:8080:8080',
    ]);
  });

  it('has no password in it, and names only what there is', async () => {
    expect(text).not.toMatch(/password: *[^\s]/i);
    for (const [name, { command = [], volumes = [], secrets = [] }] of services) {
      for (const word of command.filter((each) => each.endsWith('.ts'))) await stat(join(root, word));
      for (const volume of volumes) expect(Object.keys(compose.volumes), name).toContain(volume.split(':')[0]);
      for (const secret of secrets) expect(Object.keys(compose.secrets), name).toContain(secret);
    }
    const targets = services.flatMap(([, { build }]) => build?.target ?? []);
    for (const target of targets) expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${target}$`, 'm'));
    const mounts = services
      .filter(([, { build }]) => build !== undefined)
      .flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[1] ?? ''));
    // A volume takes over the owner of what is there in the image.
    for (const mount of mounts) expect(dockerfile.replaceAll('\\\n', ' ')).toContain(mount);
  });
});

describe('infra/proxy/nginx.conf', () => {
  const exact = new Map<string, string>();
  const prefixes: { readonly prefix: string; readonly final: boolean; readonly to: string }[] = [];
  const patterns: { readonly pattern: RegExp; readonly to: string }[] = [];
  for (const [, kind, address = '', to = ''] of nginx.matchAll(
    /location (=|\^~|~)? *"?([^\s"]+)"? *\{ *(?:proxy_pass http:\/\/)?([^;]+);/g,
  )) {
    if (kind === '=') exact.set(address, to);
    else if (kind === '~') patterns.push({ pattern: new RegExp(address), to });
    else prefixes.push({ prefix: address, final: kind === '^~', to });
  }

  /** https://nginx.org/en/docs/http/ngx_http_core_module.html#location */
  function upstreamOf(path: string): string | undefined {
    const [longest] = prefixes
      .filter(({ prefix }) => path.startsWith(prefix))
      .toSorted((a, b) => b.prefix.length - a.prefix.length);
    const pattern = longest?.final ? undefined : patterns.find((each) => each.pattern.test(path));
    return exact.get(path) ?? pattern?.to ?? longest?.to;
  }

  it('sends every route to the service that serves it', async () => {
    const sources = {
      upload: ['offloads', 'uploads', 'docks', 'receipts'].map((name) => `services/upload/src/${name}/routes.ts`),
    };
    const uploads = new Set<string>();
    for (const source of sources.upload) {
      const code = await readFile(join(root, source), 'utf8');
      for (const [, name = ''] of code.matchAll(/\broute\(app, (\w+)/g)) uploads.add(name);
    }
    expect(uploads.size).toBeGreaterThan(5);
    const wrong = Object.entries(api)
      .map(([name, { path }]) => [name, path, upstreamOf(path.replaceAll(/:\w+/g, 'x'))] as const)
      .filter(([name, , to]) => to !== (uploads.has(name) ? 'upload' : 'access'));
    expect(wrong).toEqual([]);
    for (const path of ['/files', '/files/0198c0de']) expect(upstreamOf(path)).toBe('upload');
    for (const path of ['/ledger/checkpoint', '/ledger/tile/0/x001']) expect(upstreamOf(path)).toBe('ledger');
    for (const path of ['/', '/evidence/x', '/assets/index.js', '/health/ready'])
      expect(upstreamOf(path)).toBe('access');
    expect(upstreamOf('/metrics')).toBe('return 404');
  });

  it('knows each service by the name and port that it has', () => {
    for (const [, name = '', host, port] of nginx.matchAll(/upstream (\w+) +\{ server (\w+):(\d+);/g)) {
      expect(host).toBe(name);
      expect(compose.services[name]?.environment?.FENGCUN_PORT).toBe(port);
    }
  });
});

describe('what `prepare` hands out', () => {
  let directory: string;
  let postgres: PostgresServer;
  let redis: RedisServer;
  const out = () => join(directory, 'out');

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fengcun-containers-'));
    const started = await Promise.all([
      startPostgres({ dataDir: join(directory, 'postgres'), durable: false }),
      startRedis({ dataDir: join(directory, 'redis'), durable: false }),
    ]);
    [postgres, redis] = started;
    for (const [name, secret] of [
      ['postgres-password', postgres.password],
      ['redis-password', redis.password],
    ] as const)
      await writeFile(join(directory, name), `${secret}\n`);
    const first = await prepare();
    expect(first).toContain('one-time code');
  });
  afterAll(async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  const prepare = () =>
    runProgram(new URL('./prepare.ts', import.meta.url), [
      ...['--data', join(directory, 'keys'), '--out', out()],
      ...['--postgres', `postgres://postgres@127.0.0.1:${postgres.port}/postgres`],
      ...['--postgres-password-file', join(directory, 'postgres-password')],
      ...['--redis', `redis://127.0.0.1:${redis.port}`],
      ...['--redis-password-file', join(directory, 'redis-password')],
    ]);

  /** All a service's container sees: what compose.yaml says, and over it what `--env-file` adds. */
  async function environmentOf(name: OwnName): Promise<Record<string, string>> {
    const file = parseEnv(await readFile(join(out(), name, 'env'), 'utf8'));
    const given = { ...compose.services[name]?.environment, ...file };
    return Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, String(value).replace('/run/fengcun/', `${out()}/${name}/`)]),
    );
  }

  it.each(own)('is, with compose.yaml, all that %s asks for, and nothing it does not', async (name) => {
    const environment = await environmentOf(name);
    const asked = new Set<string>();
    const listening = new Proxy(environment, {
      get: (env, variable) => {
        asked.add(String(variable));
        return env[String(variable)];
      },
    });
    readers[name](listening);
    const foreign = Object.keys(environment).filter(
      (variable) => variable.startsWith('FENGCUN_') && !asked.has(variable),
    );
    expect(foreign).toEqual([]);
    expect(compose.services[name]?.command).toEqual(
      expect.arrayContaining(['--env-file=/run/fengcun/env', `services/${name}/src/main.ts`]),
    );
    expect((await stat(join(out(), name))).mode & 0o777).toBe(0o700);
    expect((await stat(join(out(), name, 'env'))).mode & 0o777).toBe(0o600);
  });

  it('lets the ledger and access run on it', async () => {
    const local = { FENGCUN_HOST: '127.0.0.1', FENGCUN_PORT: '0', FENGCUN_VAULT_DRIVER: 'disk' };
    const places = { FENGCUN_LOG_MEMORY: join(directory, 'memory'), FENGCUN_VAULT_ROOT: join(directory, 'vault') };
    for (const name of ['ledger', 'access'] as const) {
      const { FENGCUN_CONSOLE_DIR: _, ...environment } = await environmentOf(name);
      const main = new URL(`../../../${name}/src/main.ts`, import.meta.url);
      await using program = await runAlone(main, { ...environment, ...local, ...places });
      expect((await fetch(`${program.url}/health/ready`)).status).toBe(200);
    }
  });

  it('is the same a second time', async () => {
    const before = await Promise.all(own.map(environmentOf));
    await prepare();
    expect(await Promise.all(own.map(environmentOf))).toEqual(before);
  });

  it('is refused without a password', async () => {
    const file = join(directory, 'postgres-password');
    const secret = await readFile(file);
    onTestFinished(() => writeFile(file, secret));
    await writeFile(file, '\n');
    await expect(prepare()).rejects.toThrow('is empty; put a password into it');
  });
});
