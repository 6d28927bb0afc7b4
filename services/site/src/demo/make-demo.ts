import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { connect } from '@fengcun/catalog';
import { createClient } from '@fengcun/contracts';
import { enrol, type Home, openAgent, openHome, type Progress, type ProgressEvent } from '@fengcun/dock';
import { fromBase32, parseSiteSecret, SecretBox, totpCode, totpStep } from '@fengcun/identity';
import { writeFileDurably } from '@fengcun/local';
import type { SiteLayout } from '../data/layout.ts';
import { SiteError } from '../errors.ts';
import type { Site } from '../supervision/site.ts';
import { type DemoFacts, readDemo } from './facts.ts';
import { makeFootage } from './footage.ts';
import { closePlan, type DemoPlan, demoOfficer, openPlan, type PlannedAccount } from './plan.ts';
import { seed } from './seed.ts';

/**
 * Makes a demo bureau with people and a device, enrols a dock, and hands footage over through the dock agent, as it happens every evening.
 * Safe to repeat: what an earlier attempt has done is found and kept. Writes `demo.json` last.
 *
 * @throws SiteError `demo_failed`
 */
export async function makeDemo(layout: SiteLayout, site: Site, signal: AbortSignal): Promise<DemoFacts> {
  const catalog = connect({ url: site.database.ownerUrl, name: 'fengcun-demo', max: 2 });
  try {
    const plan = await openPlan(layout);
    await seed(catalog, plan, new SecretBox(parseSiteSecret(site.keys.siteSecret)));
    const directory = join(layout.root, 'demo');
    const footage = join(directory, 'footage');
    const home = await openHome(join(directory, 'dock'));
    await makeFootage(footage, signal);
    const dock = await enrolledDock(home, site.url, plan);
    await offload(home, footage, plan, signal);
    const evidence = await catalog
      .selectFrom('evidence')
      .select(['id', 'name'])
      .where('device_id', '=', plan.device.id)
      .orderBy('name')
      .execute();
    const facts: DemoFacts = {
      url: site.url,
      accounts: plan.accounts.map(({ login, password, name, roles, secondFactor }) => ({
        login,
        password,
        name,
        roles,
        ...(secondFactor === undefined ? {} : { secondFactor }),
      })),
      dock: { ...dock, home: home.directory, keyPath: join(home.directory, 'key.pem') },
      device: plan.device,
      officer: demoOfficer,
      unit: { id: plan.units.patrol, name: '巡特警大队' },
      footage,
      evidence,
      vault: site.vault,
    };
    await writeFileDurably(layout.demo, `${JSON.stringify(facts, null, 2)}\n`);
    await closePlan(layout);
    return facts;
  } catch (cause) {
    if (cause instanceof SiteError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SiteError('demo_failed', `演示数据未能完成：${detail}`, `The demo could not be completed: ${detail}`, {
      cause,
    });
  } finally {
    await catalog.destroy();
  }
}

/** Keeps an existing demo true when the site or its engine has moved to another port: their addresses, and where its dock sends. */
export async function moveDemo(layout: SiteLayout, { url, vault }: Pick<Site, 'url' | 'vault'>): Promise<void> {
  const facts = await readDemo(layout);
  if (facts === undefined || (facts.url === url && isDeepStrictEqual(facts.vault, vault))) return;
  if (facts.url !== url) {
    const home = await openHome(facts.dock.home);
    await home.saveEnrolment({ ...(await home.enrolment()), url }, await home.key());
  }
  await writeFileDurably(layout.demo, `${JSON.stringify({ ...facts, url, vault }, null, 2)}\n`);
}

/** The dock of an earlier attempt, or a new one: created by the security administrator, enrolled with its one-time code. */
async function enrolledDock(home: Home, url: string, plan: DemoPlan): Promise<{ id: string; name: string }> {
  const enrolled = await access(join(home.directory, 'dock.json')).then(
    () => true,
    () => false,
  );
  if (enrolled) return (await home.enrolment()).dock;
  const client = await signedIn(url, personOf(plan, 'secadmin'));
  const { code } = await client.call('createDock', { body: { name: '城东分局一楼采集站', unit: plan.units.patrol } });
  await client.call('signOut');
  return (await enrol(home, url, code)).dock;
}

/** A client of the API that keeps its session cookie, as a browser does. */
async function signedIn(url: string, { login, password, secondFactor }: PlannedAccount) {
  const code = secondFactor === undefined ? {} : { code: totpCode(fromBase32(secondFactor), totpStep(new Date())) };
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ login, password, ...code }),
  });
  await response.body?.cancel();
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
  if (!response.ok || cookie === '') throw new Error(`signing in as ${login} was answered with ${response.status}`);
  return createClient({ baseUrl: url, headers: () => ({ cookie, origin: url }) });
}

async function offload(home: Home, footage: string, plan: DemoPlan, signal: AbortSignal): Promise<void> {
  const failures: string[] = [];
  const progress = collecting(failures);
  const agent = await openAgent({
    home,
    progress,
    signal,
    parallel: 3,
    patienceMs: 120_000,
    deleteAfterSeal: false,
    sequencePattern: undefined,
  });
  try {
    const outcome = await agent.offload(footage, {
      serial: plan.device.serial,
      officer: demoOfficer,
      clock: new Date(),
    });
    if (outcome.failed + outcome.quarantined > 0) throw new Error(failures.join('; ') || 'not every file was sealed');
  } finally {
    agent.close();
    progress.close();
  }
}

function collecting(failures: string[]): Progress {
  return {
    report(event: ProgressEvent) {
      if (event.event === 'file' && (event.stage === 'failed' || event.stage === 'quarantined')) {
        failures.push(`${event.name}: ${event.detail ?? event.stage}`);
      }
    },
    close: () => undefined,
  };
}

function personOf(plan: DemoPlan, login: string): PlannedAccount {
  const person = plan.accounts.find((account) => account.login === login);
  if (!person) throw new Error(`the plan has no account "${login}"`);
  return person;
}
