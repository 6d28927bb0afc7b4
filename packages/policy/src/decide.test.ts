import {
  applicantKinds,
  type MatrixRow,
  operations,
  type Purpose,
  purposes,
  type Role,
  roles,
} from '@fengcun/contracts';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  type Actor,
  actions,
  type Context,
  type Decision,
  decide,
  defaultMatrix,
  fixedRows,
  footage,
  idleLimitMs,
  ordinary,
} from './index.ts';

const [bureau, county, section, elsewhere] = ['bureau', 'county', 'section', 'elsewhere'] as const;
const item = { unitPath: [bureau, county, section] };

const person = (role: Role, unit: string): Actor => ({ kind: 'person', id: 'p', roles: [{ unit, role }] });
const dock = (unit: string): Actor => ({ kind: 'dock', id: 'd', unit });
const on = (context: Partial<Context>): Context => ({ ...ordinary, ...context });

const allow = (rule: string): Decision => ({ outcome: 'allow', rule });
const deny = (rule = 'no_rule_allows'): Decision => ({ outcome: 'deny', rule });
const need = (rule: string, ...by: ('legal' | 'bureau_head')[]): Decision => ({ outcome: 'needApproval', by, rule });
const head = need('other_play', 'bureau_head');
const both = need('other_copy', 'legal', 'bureau_head');
const never = deny('administrators_never_open_footage');

const viewers = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] as const;
const administrators = ['auditor', 'system_admin', 'security_admin'] as const;
const takes = ['download_proxy', 'download_original', 'package'] as const;
const reaches = [bureau, county, section] as const;

describe.each(viewers)('%s, by the default matrix', (role) => {
  it.each(reaches)('of %s above the item: sees it, plays it on approval', (unit) => {
    const who = person(role, unit);
    expect(decide(who, 'see', item, ordinary)).toEqual(allow('own_unit_see'));
    expect(decide(who, 'play', item, ordinary)).toEqual(head);
    for (const take of takes) expect(decide(who, take, item, ordinary)).toEqual(both);
  });

  it.each(reaches)('of %s, whose case it is: plays at once, takes away with the legal office', (unit) => {
    const who = person(role, unit);
    expect(decide(who, 'play', item, on({ ownCase: true }))).toEqual(allow('own_case_play'));
    for (const take of takes) {
      expect(decide(who, take, item, on({ ownCase: true }))).toEqual(need('own_case_copy', 'legal'));
    }
  });

  it.each([
    ['another unit', elsewhere, item],
    ['a unit below', section, { unitPath: [bureau, county] }],
    ['an item nobody may tell them of', section, { unitPath: [] }],
  ] as const)('of %s: does not see it, and plays it on approval only, own case or not', (_, unit, far) => {
    const who = person(role, unit);
    expect(decide(who, 'see', far, ordinary)).toEqual(deny());
    expect(decide(who, 'play', far, on({ ownCase: true, purpose: 'supervision' }))).toEqual(head);
    for (const take of takes) expect(decide(who, take, far, on({ ownCase: true }))).toEqual(both);
    expect(decide(who, 'verify', far, ordinary)).toEqual(deny());
  });

  it('lets nothing leave the house without two people, whatever it is for', () => {
    for (const purpose of purposes) {
      for (const ownCase of [true, false]) {
        const context = on({ purpose, ownCase, redacted: true });
        expect(decide(person(role, bureau), 'disclose', item, context)).toEqual(
          need('disclose_outside', 'legal', 'bureau_head'),
        );
        expect(decide(person(role, bureau), 'publish', item, context)).toEqual(
          need('publish_redacted', 'legal', 'bureau_head'),
        );
      }
    }
  });

  it('publishes a recording itself never, even with a grant', () => {
    const grants = [{ id: 'g', to: 'p', actions: ['publish'] as const }];
    expect(decide(person(role, bureau), 'publish', item, on({ grants }))).toEqual(deny('publish_redacted_only'));
  });

  it.each(applicantKinds)('asks on behalf of %s only as the archivist', (onBehalf) => {
    const party = onBehalf === 'party' || onBehalf === 'lawyer';
    const expected =
      role !== 'archivist'
        ? deny('archivist_registers_others')
        : party
          ? need('party_view_or_copy', 'bureau_head')
          : need('authority_view_or_copy', 'legal');
    for (const action of ['play', 'download_proxy', 'package'] as const) {
      expect(decide(person(role, county), action, item, on({ onBehalf, ownCase: true, purpose: 'judicial' }))).toEqual(
        expected,
      );
    }
    expect(decide(person(role, county), 'download_original', item, on({ onBehalf }))).toEqual(
      deny('archivist_registers_others'),
    );
  });
});

describe('supervision', () => {
  it.each(purposes)('for %s', (purpose) => {
    const free: readonly Purpose[] = ['supervision', 'file_review'];
    expect(decide(person('supervisor', county), 'play', item, on({ purpose }))).toEqual(
      free.includes(purpose) ? allow('supervision_play') : head,
    );
  });

  it.each(viewers.filter((role) => role !== 'supervisor'))('is not for %s', (role) => {
    expect(decide(person(role, county), 'play', item, on({ purpose: 'supervision' }))).toEqual(head);
  });

  it.each(roles)('opening at once is the supervisor’s, with the head to confirm: %s', (role) => {
    const expected =
      role === 'supervisor'
        ? need('urgent_play', 'bureau_head')
        : (administrators as readonly Role[]).includes(role)
          ? never
          : deny();
    expect(decide(person(role, county), 'urgent_play', item, ordinary)).toEqual(expected);
    expect(decide(person(role, elsewhere), 'urgent_play', item, ordinary).outcome).toBe('deny');
  });
});

describe.each(administrators)('%s', (role) => {
  it.each(footage)('never: %s', (action) => {
    const grants = [{ id: 'g1', to: 'p', actions: [action] }];
    for (const unit of [...reaches, elsewhere]) {
      expect(decide(person(role, unit), action, item, on({ grants, ownCase: true, redacted: true }))).toEqual(never);
    }
  });

  it('never, though a matrix says so and though the same person is an officer elsewhere', () => {
    const row: MatrixRow = { rule: 'open', actions: [...footage], who: [role], reach: 'anywhere', outcome: 'allow' };
    const two: Actor = {
      kind: 'person',
      id: 'p',
      roles: [
        { unit: section, role: 'officer' },
        { unit: elsewhere, role },
      ],
    };
    for (const action of footage) {
      expect(decide(two, action, item, on({ matrix: [row, ...defaultMatrix], ownCase: true }))).toEqual(never);
    }
  });
});

describe('what opens no footage', () => {
  const own: Record<string, readonly Role[]> = {
    see: roles,
    verify: [...viewers, 'auditor'],
    retry_derivative: ['officer', 'supervisor', 'archivist'],
    upload: ['officer', 'supervisor', 'archivist'],
  };
  it.each(Object.keys(own) as Action[])('%s is for the roles of the unit', (action) => {
    for (const role of roles) {
      for (const unit of reaches) {
        const may = own[action]?.includes(role);
        expect(decide(person(role, unit), action, item, ordinary).outcome, `${role} ${unit}`).toBe(
          may ? 'allow' : 'deny',
        );
      }
      expect(decide(person(role, elsewhere), action, item, ordinary).outcome).toBe('deny');
    }
  });
});

describe('redacted versions', () => {
  it.each(roles)('are made by whoever’s case it is, and by supervisor, legal office and archive: %s', (role) => {
    const viewer = (viewers as readonly Role[]).includes(role);
    const keeps = ['supervisor', 'legal', 'archivist'].includes(role);
    for (const unit of reaches) {
      const who = person(role, unit);
      expect(decide(who, 'redact', item, ordinary)).toEqual(
        !viewer ? never : keeps ? allow('own_unit_redact') : deny(),
      );
      expect(decide(who, 'redact', item, on({ ownCase: true }))).toEqual(viewer ? allow('own_case_redact') : never);
    }
    expect(decide(person(role, elsewhere), 'redact', item, on({ ownCase: true })).outcome).toBe('deny');
  });

  it.each(roles)('are reviewed by supervisor, legal office and head of the unit: %s', (role) => {
    const reviews = ['supervisor', 'legal', 'bureau_head'].includes(role);
    expect(decide(person(role, county), 'review_redaction', item, on({ ownCase: true })).outcome).toBe(
      reviews ? 'allow' : 'deny',
    );
    expect(decide(person(role, elsewhere), 'review_redaction', item, ordinary).outcome).toBe('deny');
  });

  it.each(administrators)('are never %s’s, whatever a matrix says', (role) => {
    const actions = ['redact', 'review_redaction'] as const;
    const row: MatrixRow = { rule: 'open', actions: [...actions], who: [role], reach: 'anywhere', outcome: 'allow' };
    for (const action of actions)
      expect(decide(person(role, bureau), action, item, on({ matrix: [row, ...defaultMatrix] }))).toEqual(never);
  });

  it('give no right by a grant: making and reviewing is asked of the matrix alone', () => {
    const grants = [{ id: 'g1', to: 'p', actions: ['play'] as const }];
    expect(decide(person('officer', county), 'redact', item, on({ grants }))).toEqual(deny());
  });
});

describe('everybody', () => {
  it.each(actions)('a dock: %s', (action) => {
    const allowed = action === 'see' || action === 'upload';
    expect(decide(dock(section), action, item, ordinary).outcome).toBe(allowed ? 'allow' : 'deny');
    expect(decide(dock(county), action, item, ordinary).outcome).toBe('deny');
  });

  it.each(actions)('somebody without a role: %s', (action) => {
    expect(decide({ kind: 'person', id: 'p', roles: [] }, action, item, ordinary)).toEqual(deny());
  });

  it('several roles: the one that reaches the item counts', () => {
    const two: Actor = {
      kind: 'person',
      id: 'p',
      roles: [
        { unit: elsewhere, role: 'officer' },
        { unit: county, role: 'supervisor' },
      ],
    };
    expect(decide(two, 'play', item, on({ purpose: 'file_review' }))).toEqual(allow('supervision_play'));
  });
});

describe('a grant', () => {
  const grants = [{ id: 'g1', to: 'p', actions: ['play'] as const }];

  it('stands in for the approval a row asks for, and is named', () => {
    expect(decide(person('officer', elsewhere), 'play', item, on({ grants }))).toEqual({
      outcome: 'allow',
      rule: 'granted',
      authorisation: 'g1',
    });
  });

  it('lets its holder see that the item exists, used up or not', () => {
    for (const actionsLeft of [['play'], []] as const) {
      expect(
        decide(
          person('officer', elsewhere),
          'see',
          item,
          on({ grants: [{ id: 'g1', to: 'p', actions: actionsLeft }] }),
        ),
      ).toEqual({
        outcome: 'allow',
        rule: 'granted',
        authorisation: 'g1',
      });
    }
  });

  it('used up opens nothing', () => {
    const spent = [{ id: 'g1', to: 'p', actions: [] }];
    expect(decide(person('officer', elsewhere), 'play', item, on({ grants: spent }))).toEqual(head);
  });

  it('given to somebody else, or for something else, changes nothing', () => {
    const other: Actor = { kind: 'person', id: 'q', roles: [{ unit: elsewhere, role: 'officer' }] };
    expect(decide(other, 'play', item, on({ grants }))).toEqual(head);
    expect(decide(other, 'see', item, on({ grants }))).toEqual(deny());
    expect(decide(person('officer', elsewhere), 'verify', item, on({ grants }))).toEqual(deny());
    for (const operation of operations.filter((each) => each !== 'play')) {
      expect(decide(person('officer', elsewhere), operation, item, on({ grants })).outcome).not.toBe('allow');
    }
  });

  it('opens nothing that the matrix has come to forbid', () => {
    const matrix = defaultMatrix.filter(({ rule }) => rule !== 'other_play');
    expect(decide(person('officer', elsewhere), 'play', item, on({ grants, matrix }))).toEqual(deny());
  });
});

describe('the fixed rows', () => {
  it('stand before whatever a matrix says', () => {
    expect(fixedRows.slice(0, 2).map(({ rule }) => rule)).toEqual([
      'administrators_never_open_footage',
      'publish_redacted_only',
    ]);
    const row: MatrixRow = {
      rule: 'open',
      actions: ['publish'],
      who: ['officer'],
      reach: 'anywhere',
      outcome: 'allow',
    };
    expect(decide(person('officer', section), 'publish', item, on({ matrix: [row] }))).toEqual(
      deny('publish_redacted_only'),
    );
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
