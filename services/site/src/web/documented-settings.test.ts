import { readFile } from 'node:fs/promises';
import { readAccessSettings } from '@fengcun/access';
import { readLedgerSettings } from '@fengcun/ledger';
import { ConfigError } from '@fengcun/runtime';
import { readUploadSettings } from '@fengcun/upload';
import { readWorkerSettings } from '@fengcun/worker';
import { readWorkerConfig } from '@fengcun/worker/config';
import { describe, expect, it } from 'vitest';

const readme = await readFile(new URL('../../../../README.md', import.meta.url), 'utf8');

/** The rows of README's table that are for `service`: each variable with its default, or `required`, or `none`. */
function documentedFor(service: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [, variable = '', services = '', fallback = ''] of readme.matchAll(
    /^\| `(FENGCUN_\w+)` +\| ([^|]+?) +\| [^|]+ \| ([^|]+?) +\|$/gm,
  )) {
    const at = services.split(', ').indexOf(service);
    const fallbacks = fallback.replaceAll('`', '').split(', ');
    if (at >= 0) settings.set(variable, fallbacks[fallbacks.length > 1 ? at : 0] ?? '');
  }
  return settings;
}

/** Something that every variable without a default takes. */
const sampleOf = (variable: string) =>
  ({ FENGCUN_DATABASE_URL: 'postgres://u@db.example/x', FENGCUN_REDIS_URL: 'redis://cache.example' })[variable] ?? 'x';

describe.each([
  ['upload', readUploadSettings],
  ['access', readAccessSettings],
  ['ledger', readLedgerSettings],
  ['worker', readWorkerSettings],
] as const)('the settings of %s', (service, read: (env: NodeJS.ProcessEnv) => unknown) => {
  const documented = documentedFor(service);
  const required = [...documented].filter(([, fallback]) => fallback === 'required').map(([variable]) => variable);
  const least = Object.fromEntries(required.map((variable) => [variable, sampleOf(variable)]));

  it('are those that the README lists', () => {
    const asked = new Set<string>();
    const listening = new Proxy(least, {
      get: (env, variable) => {
        asked.add(String(variable));
        return env[String(variable)];
      },
    });
    read(listening);
    expect([...asked].sort()).toEqual([...documented.keys()].sort());
  });

  it('are required where the README says so', () => {
    for (const variable of required) {
      const { [variable]: _, ...rest } = least;
      expect(() => read(rest), variable).toThrow(ConfigError);
    }
  });

  it('have the defaults that the README gives', () => {
    for (const [variable, fallback] of documented) {
      if (fallback === 'required' || fallback === 'none') continue;
      expect(read({ ...least, [variable]: fallback }), variable).toEqual(read(least));
    }
  });
});

describe('the settings of a site', () => {
  /** What a site arranges itself, or takes from its command line. */
  const own =
    /^FENGCUN_(DATABASE_URL|HOST|PORT|TRUST_PROXY|LOG_LEVEL|REDIS_URL|SCRATCH_DIR|VAULT_\w+|REPLICA_VAULT_\w+|CJK_FONT)$/;

  it('are those of a worker that runs alone, but for what the site arranges itself', () => {
    const asked = new Set<string>();
    const listening = new Proxy<NodeJS.ProcessEnv>({}, { get: (_, variable) => void asked.add(String(variable)) });
    readWorkerConfig(listening);
    const documented = [...documentedFor('worker').keys()].filter((variable) => !own.test(variable));
    expect([...asked].sort()).toEqual(documented.sort());
  });

  it('reach its worker: the mark of redacted versions can be turned off, and a value that is none is told by name', () => {
    expect(readWorkerConfig({}).redactionMark).toBe('event');
    expect(readWorkerConfig({ FENGCUN_REDACTION_MARK: 'none' }).redactionMark).toBe('none');
    expect(() => readWorkerConfig({ FENGCUN_REDACTION_MARK: 'maybe' })).toThrow(/FENGCUN_REDACTION_MARK/);
  });
});
