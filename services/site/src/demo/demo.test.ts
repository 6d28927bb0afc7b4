import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@fengcun/contracts';
import { expect, it } from 'vitest';
import { dataDirectory, killSite, site, startedSite } from '../../tests/site-process.ts';
import type { DemoFacts } from './facts.ts';

async function demoOf(dataDir: string): Promise<DemoFacts> {
  return JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'));
}

async function clientOf(demo: DemoFacts, login: string) {
  const account = demo.accounts.find((each) => each.login === login);
  const response = await fetch(`${demo.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: demo.url },
    body: JSON.stringify({ login, password: account?.password }),
  });
  expect(response.status).toBe(201);
  const cookie = response.headers.getSetCookie().map((each) => each.split(';', 1)[0]);
  return createClient({ baseUrl: demo.url, headers: () => ({ cookie: cookie.join('; '), origin: demo.url }) });
}

it('makes a bureau whose footage went through the dock agent, and keeps it over SIGKILL and a change of port', async () => {
  const dataDir = await dataDirectory();
  const first = await startedSite(dataDir, '--demo');
  const demo = await demoOf(dataDir);
  expect(demo.url).toBe(first.url);
  const officer = await clientOf(demo, 'officer');
  const list = await officer.call('listEvidence');
  expect(list.items.map(({ id }) => id).sort()).toEqual(demo.evidence.map(({ id }) => id).sort());
  expect(demo.evidence.length).toBeGreaterThan(3);
  expect(new Set(list.items.map(({ state }) => state))).toEqual(new Set(['sealed']));
  const files = await readdir(demo.footage);
  for (const { name } of demo.evidence) expect(files).toContain(`${name}.receipt.json`);
  await clientOf(demo, 'traffic').then(async (other) => expect((await other.call('listEvidence')).items).toEqual([]));

  await killSite(first.supervisor);

  const second = await startedSite(dataDir, '--demo');
  const moved = await demoOf(dataDir);
  expect(moved).toEqual({ ...demo, url: second.url });
  const again = await clientOf(moved, 'officer');
  expect((await again.call('listEvidence')).items).toHaveLength(demo.evidence.length);
  await site(['stop', '--data', dataDir]);
});
