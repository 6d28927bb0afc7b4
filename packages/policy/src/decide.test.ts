import { type Role, roles } from '@fengcun/contracts';
import { describe, expect, it } from 'vitest';
import { type Action, type Actor, actions, type Decision, decide, idleLimitMs, ordinary } from './index.ts';

const [bureau, county, section, elsewhere] = ['bureau', 'county', 'section', 'elsewhere'] as const;
const item = { unitPath: [bureau, county, section] };

const person = (role: Role, unit: string): Actor => ({ kind: 'person', id: 'p', roles: [{ unit, role }] });
const dock = (unit: string): Actor => ({ kind: 'dock', id: 'd', unit });

const allow = (rule: string): Decision => ({ outcome: 'allow', rule });
const deny = (rule = 'no_rule_allows'): Decision => ({ outcome: 'deny', rule });
const head: Decision = { outcome: 'needApproval', by: ['bureau_head'], rule: 'other_unit_play' };
const never = deny('administrators_never_open_footage');

type Expected = Record<Action, Decision>;
const viewer = { see: allow('own_unit_see'), play: allow('own_unit_play'), verify: allow('own_unit_verify') };
const ours: Record<Role, Expected> = {
  officer: { ...viewer, retry_derivative: allow('own_unit_retry'), upload: allow('own_unit_upload') },
  supervisor: { ...viewer, retry_derivative: allow('own_unit_retry'), upload: allow('own_unit_upload') },
  legal: { ...viewer, retry_derivative: deny(), upload: deny() },
  bureau_head: { ...viewer, retry_derivative: deny(), upload: deny() },
  archivist: { ...viewer, retry_derivative: allow('own_unit_retry'), upload: deny() },
  auditor: { ...viewer, play: never, retry_derivative: deny(), upload: deny() },
  system_admin: { see: allow('own_unit_see'), play: never, verify: deny(), retry_derivative: deny(), upload: deny() },
  security_admin: { see: allow('own_unit_see'), play: never, verify: deny(), retry_derivative: deny(), upload: deny() },
};
const others = (role: Role): Expected => ({
  see: deny(),
  play: ours[role].play.outcome === 'allow' ? head : never,
  verify: deny(),
  retry_derivative: deny(),
  upload: deny(),
});

describe('the default matrix, every role, action and reach', () => {
  for (const role of roles) {
    for (const action of actions) {
      for (const unit of [bureau, county, section]) {
        it(`${role} in ${unit} of the item: ${action}`, () => {
          expect(decide(person(role, unit), action, item, ordinary)).toEqual(ours[role][action]);
        });
      }
      it(`${role} of another unit: ${action}`, () => {
        expect(decide(person(role, elsewhere), action, item, ordinary)).toEqual(others(role)[action]);
      });
      it(`${role} below the item's unit: ${action}`, () => {
        expect(decide(person(role, section), action, { unitPath: [bureau, county] }, ordinary)).toEqual(
          others(role)[action],
        );
      });
    }
  }

  it.each(actions)('a dock: %s', (action) => {
    const allowed = action === 'see' || action === 'upload';
    expect(decide(dock(section), action, item, ordinary)).toEqual(allowed ? allow('dock_of_unit') : deny());
    expect(decide(dock(county), action, item, ordinary)).toEqual(deny());
  });

  it.each(actions)('somebody without a role: %s', (action) => {
    expect(decide({ kind: 'person', id: 'p', roles: [] }, action, item, ordinary)).toEqual(deny());
  });
});

describe('several roles', () => {
  it.each(['auditor', 'system_admin', 'security_admin'] as const)(
    'an officer who is also %s elsewhere opens no footage',
    (role) => {
      const both: Actor = {
        kind: 'person',
        id: 'p',
        roles: [
          { unit: section, role: 'officer' },
          { unit: elsewhere, role },
        ],
      };
      expect(decide(both, 'play', item, ordinary)).toEqual(never);
    },
  );

  it('take the one that reaches the item', () => {
    const both: Actor = {
      kind: 'person',
      id: 'p',
      roles: [
        { unit: elsewhere, role: 'officer' },
        { unit: county, role: 'supervisor' },
      ],
    };
    expect(decide(both, 'play', item, ordinary)).toEqual(allow('own_unit_play'));
  });
});

describe('a grant', () => {
  const grants = [{ id: 'g1', to: 'p', actions: ['play'] as const }];

  it('stands in for the approval a row asks for, and is named', () => {
    expect(decide(person('officer', elsewhere), 'play', item, { grants })).toEqual({
      outcome: 'allow',
      rule: 'granted',
      authorisation: 'g1',
    });
  });

  it('given to somebody else, or for something else, changes nothing', () => {
    expect(
      decide({ kind: 'person', id: 'q', roles: [{ unit: elsewhere, role: 'officer' }] }, 'play', item, { grants }),
    ).toEqual(head);
    expect(decide(person('officer', elsewhere), 'verify', item, { grants })).toEqual(deny());
  });

  it('never opens footage to an administrator', () => {
    expect(decide(person('auditor', section), 'play', item, { grants })).toEqual(never);
  });
});

describe('idle limits', () => {
  it.each(['supervisor', 'legal', 'bureau_head', 'archivist', 'security_admin'] as const)(
    '%s: a quarter of an hour',
    (role) => {
      expect(idleLimitMs([role, 'officer'])).toBe(900_000);
    },
  );
  it.each(['officer', 'auditor', 'system_admin'] as const)('%s: a shift', (role) => {
    expect(idleLimitMs([role])).toBe(8 * 3_600_000);
  });
});
