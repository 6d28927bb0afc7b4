import { appendEvent, beginTotp, confirmTotp, type Database, type Executor } from '@fengcun/catalog';
import { personal } from '@fengcun/contracts';
import { fromBase32, hashPassword, type SecretBox, totpUse } from '@fengcun/identity';
import { type Clock, systemClock } from '@fengcun/runtime';
import type { DemoPlan, PlannedAccount } from './plan.ts';

/** The set-up acts for itself: nobody is signed in yet. */
const setUp = { kind: 'system', id: 'site', name: null } as const;

/** Makes units, people and the device of a plan, with their events, in one transaction. Doing it again changes nothing. */
export async function seed(
  catalog: Database,
  plan: DemoPlan,
  secrets: SecretBox,
  clock: Clock = systemClock,
): Promise<void> {
  const accounts = await Promise.all(
    plan.accounts.map(async (account) => ({ account, hash: await hashPassword(account.password) })),
  );
  await catalog.transaction().execute(async (trx) => {
    const done = await trx.selectFrom('unit').select('id').where('id', '=', plan.units.bureau).executeTakeFirst();
    if (done) return;
    await insertUnits(trx, plan);
    for (const { account, hash } of accounts) {
      await insertAccount(trx, plan, account, hash, clock);
      await enrolSecondFactor(trx, account, secrets, clock);
    }
    await insertDevice(trx, plan, clock);
  });
}

async function insertUnits(trx: Executor, { units }: DemoPlan): Promise<void> {
  const { bureau, branch, patrol, traffic } = units;
  await trx
    .insertInto('unit')
    .values([
      { id: bureau, parent_id: null, name: '示范市公安局', code: 'DEMO', path: [bureau] },
      { id: branch, parent_id: bureau, name: '城东分局', code: 'DEMO-01', path: [bureau, branch] },
      { id: patrol, parent_id: branch, name: '巡特警大队', code: 'DEMO-01-01', path: [bureau, branch, patrol] },
      { id: traffic, parent_id: branch, name: '交警大队', code: 'DEMO-01-02', path: [bureau, branch, traffic] },
    ])
    .execute();
}

async function insertAccount(
  trx: Executor,
  plan: DemoPlan,
  account: PlannedAccount,
  hash: string,
  clock: Clock,
): Promise<void> {
  const unit = plan.units[account.unit];
  await trx
    .insertInto('account')
    .values({
      id: account.id,
      login: account.login,
      name: account.name,
      officer_number: account.officerNumber,
      unit_id: unit,
      password_hash: hash,
      locked_until: null,
      disabled_at: null,
      created_at: clock.now(),
    })
    .execute();
  await trx
    .insertInto('account_role')
    .values(account.roles.map((role) => ({ account_id: account.id, unit_id: unit, role })))
    .execute();
  await appendEvent(
    trx,
    {
      type: 'account.created',
      actor: setUp,
      subject: { kind: 'account', id: account.id },
      data: { login: personal(account.login), unit, roles: account.roles.map((role) => ({ unit, role })) },
    },
    clock,
  );
}

/** The demo's approvers have their authenticators already; `demo.json` says with which secrets. */
async function enrolSecondFactor(
  trx: Executor,
  { id, secondFactor }: PlannedAccount,
  secrets: SecretBox,
  clock: Clock,
): Promise<void> {
  if (secondFactor === undefined) return;
  await beginTotp(trx, id, secrets.seal(fromBase32(secondFactor), totpUse(id)));
  await confirmTotp(trx, { account: id, actor: setUp }, clock);
}

async function insertDevice(trx: Executor, { device, units }: DemoPlan, clock: Clock): Promise<void> {
  const facts = { kind: 'body_camera', state: 'in_use' } as const;
  await trx
    .insertInto('device')
    .values({
      id: device.id,
      serial: device.serial,
      name: '执法记录仪 17 号',
      unit_id: units.patrol,
      created_at: clock.now(),
      last_offload_at: null,
      ...facts,
    })
    .execute();
  await appendEvent(
    trx,
    {
      type: 'device.registered',
      actor: setUp,
      subject: { kind: 'device', id: device.id },
      data: { serial: device.serial, unit: units.patrol, ...facts },
    },
    clock,
  );
}
