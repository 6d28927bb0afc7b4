import { randomInt } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@fengcun/catalog';
import type { Role } from '@fengcun/contracts';
import { base32, newTotpSecret } from '@fengcun/identity';
import { writeFileDurably } from '@fengcun/local';
import { secondFactorRequired } from '@fengcun/policy';
import type { SiteLayout } from '../data/layout.ts';

/** Everything of the demo that is decided before anything is done, so that a demo that was cut short can be finished. */
export interface DemoPlan {
  readonly units: Readonly<Record<UnitName, string>>;
  readonly accounts: readonly PlannedAccount[];
  readonly device: { readonly id: string; readonly serial: string };
}

export type UnitName = 'bureau' | 'branch' | 'patrol' | 'traffic';

export interface PlannedAccount {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly officerNumber: string | null;
  readonly unit: UnitName;
  readonly roles: readonly Role[];
  /** Base32; only where the roles ask for a second factor. */
  readonly secondFactor?: string;
}

/** Officer whose camera the demo's footage comes from. */
export const demoOfficer = '330142';

type Person = Omit<PlannedAccount, 'id' | 'password' | 'secondFactor'>;

const people: readonly Person[] = [
  { login: 'officer', name: '王建国', officerNumber: demoOfficer, unit: 'patrol', roles: ['officer'] },
  { login: 'traffic', name: '赵晓梅', officerNumber: '330187', unit: 'traffic', roles: ['officer'] },
  { login: 'supervisor', name: '李卫东', officerNumber: '330105', unit: 'branch', roles: ['supervisor'] },
  { login: 'legal', name: '陈静', officerNumber: '330112', unit: 'branch', roles: ['legal'] },
  { login: 'head', name: '周志强', officerNumber: '330101', unit: 'bureau', roles: ['bureau_head'] },
  { login: 'archivist', name: '吴敏', officerNumber: '330120', unit: 'bureau', roles: ['archivist'] },
  { login: 'auditor', name: '郑国平', officerNumber: null, unit: 'bureau', roles: ['auditor'] },
  { login: 'sysadmin', name: '孙磊', officerNumber: null, unit: 'bureau', roles: ['system_admin'] },
  { login: 'secadmin', name: '何芳', officerNumber: null, unit: 'bureau', roles: ['security_admin'] },
];

const planPath = (layout: SiteLayout) => join(layout.root, 'demo.pending');

/** Whether a demo is to be made now: asked for, or wanted by default and nothing was here, or begun before and not finished. */
export async function wantsDemo(
  layout: SiteLayout,
  wanted: 'auto' | 'yes' | 'no',
  firstStart: boolean,
): Promise<boolean> {
  if (wanted === 'no' || (await exists(layout.demo))) return false;
  return wanted === 'yes' || firstStart || (await exists(planPath(layout)));
}

/** The plan of a demo that was begun, or a new one with passwords of its own. */
export async function openPlan(layout: SiteLayout): Promise<DemoPlan> {
  if (await exists(planPath(layout))) return JSON.parse(await readFile(planPath(layout), 'utf8')) as DemoPlan;
  const plan: DemoPlan = {
    units: { bureau: newId(), branch: newId(), patrol: newId(), traffic: newId() },
    accounts: people.map((person) => ({
      ...person,
      id: newId(),
      password: readablePassword(),
      ...(secondFactorRequired(person.roles, 'approvers') ? { secondFactor: base32(newTotpSecret()) } : {}),
    })),
    device: { id: newId(), serial: 'DSJ-2406-00017' },
  };
  await writeFileDurably(planPath(layout), `${JSON.stringify(plan, null, 2)}\n`);
  return plan;
}

export async function closePlan(layout: SiteLayout): Promise<void> {
  await rm(planPath(layout), { force: true });
}

/** Twelve characters without look-alikes: 59 bits, to be typed by hand. */
function readablePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${group()}-${group()}-${group()}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
