import { CatalogError } from '@fengcun/catalog';
import { describe, expect, it } from 'vitest';
import { parseCommand } from './options.ts';
import { readySummary } from './summary.ts';
import { displayWidth, explain } from './words.ts';

describe('the command line', () => {
  it('has defaults for everything', () => {
    expect(parseCommand(['start'])).toMatchObject({
      command: 'start',
      dataDir: expect.stringMatching(/\/\.data$/),
      host: '127.0.0.1',
      port: 8080,
      demo: 'auto',
      detach: false,
      vault: { kind: 'disk' },
    });
  });

  it('takes an S3 engine of its own, or another with what is known of it', () => {
    expect(parseCommand(['start', '--s3'])).toMatchObject({ vault: { kind: 's3-own' } });
    expect(parseCommand(['start', '--s3-endpoint', 'https://s3.example:9000/'])).toMatchObject({
      vault: { kind: 's3-given', endpoint: 'https://s3.example:9000', bucket: 'fengcun', region: 'us-east-1' },
    });
    const given = ['--s3-endpoint', 'http://10.0.0.7', '--s3-bucket', 'ju-evidence', '--s3-region', 'cn-north-1'];
    expect(parseCommand(['start', ...given])).toMatchObject({
      vault: { kind: 's3-given', endpoint: 'http://10.0.0.7', bucket: 'ju-evidence', region: 'cn-north-1' },
    });
  });

  it('takes the directory from where it is given', () => {
    expect(parseCommand(['stop', '--data', 'here'], '/some/where')).toEqual({
      command: 'stop',
      dataDir: '/some/where/here',
    });
  });

  it('tells an asked-for demo from a refused one', () => {
    expect(parseCommand(['start', '--demo'])).toMatchObject({ demo: 'yes' });
    expect(parseCommand(['start', '--no-demo'])).toMatchObject({ demo: 'no' });
  });

  it.each([
    [],
    ['restart'],
    ['start', '--port', '80800'],
    ['start', '--port', '-1'],
    ['start', '--port', '0x50'],
    ['start', '--what'],
    ['start', 'directory'],
    ['start', '--data', ''],
    ['stop', '--port', '1'],
    ['start', '--s3', '--s3-endpoint', 'http://10.0.0.7'],
    ['start', '--s3-bucket', 'evidence'],
    ['start', '--s3', '--s3-region', 'cn-north-1'],
    ['start', '--s3-endpoint', 's3.example'],
    ['start', '--s3-endpoint', 'http://10.0.0.7/bucket'],
    ['start', '--s3-endpoint', 'http://key:secret@10.0.0.7'],
    ['start', '--s3-endpoint', 'http://10.0.0.7', '--s3-bucket', 'Evidence_1'],
    ['stop', '--s3'],
  ])('refuses what it does not understand: %j', (...argv) => {
    expect(() => parseCommand(argv)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('what is said when everything is ready', () => {
  const account = { login: 'officer', password: 'aaaa-bbbb-cccc', name: '王建国', roles: ['officer'] } as const;
  const demo = {
    url: 'http://127.0.0.1:8080',
    accounts: [account, { ...account, login: 'supervisor', name: '李卫东', roles: ['supervisor'] }],
    dock: { id: '', name: '', home: '', keyPath: '' },
    device: { id: '', serial: '' },
    officer: '',
    unit: { id: '', name: '' },
    footage: '',
    evidence: [],
    vault: { driver: 'disk', protection: 'advisory' },
  } as const;
  const vault = { driver: 'disk', protection: 'advisory' } as const;
  const ready = {
    url: demo.url,
    outsideUrls: [],
    dataDir: '/data',
    vault,
    detached: false,
    demo,
    setUpCode: undefined,
  };

  it('lines up Chinese and Latin text', () => {
    const lines = readySummary(ready, 100).split('\n');
    const columns = lines
      .filter((line) => line.includes('aaaa-bbbb-cccc'))
      .map((line) => displayWidth(line.slice(0, line.indexOf('aaaa'))));
    expect(new Set(columns).size).toBe(1);
    expect(columns).toHaveLength(2);
  });

  it('fits a narrow terminal', () => {
    const lines = readySummary(ready, 40).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(40);
    expect(lines.join('\n')).toContain('aaaa-bbbb-cccc');
  });
});

describe('a fault that is known', () => {
  it('of the catalogue is told in both languages, without a stack', () => {
    const told = explain(new CatalogError('migration_changed', '0001_foundation.sql'));
    expect(told.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^封存 · .*请用原来的版本启动/),
      expect.stringMatching(/^ +A migration .*0001_foundation\.sql\)\.$/),
    ]);
  });
});
