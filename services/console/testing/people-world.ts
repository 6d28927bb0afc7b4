import type { Account, Token, Unit } from '@fengcun/contracts';
import { iso, now } from './clock.ts';
import { people, units } from './people.ts';

const day = 86_400_000;

/** Accounts, units and tokens of the fake site. */
export function peopleWorld(): { accounts: Account[]; units: Unit[]; tokens: Token[] } {
  return {
    accounts: people.map((person, at) => ({
      id: person.id,
      login: person.login,
      name: person.name,
      officerNumber: person.officerNumber,
      unit: person.unit,
      roles: person.roles,
      createdAt: iso(now - 200 * day),
      disabled: person.login === 'yunwei' ? { at: iso(now - 3 * day), reason: '调离本单位' } : null,
      lastSignInAt: at === 3 ? null : iso(now - at * 3_600_000),
      lockedUntil: null,
      hasPassword: true,
      mustChangePassword: at === 3,
      secondFactor: { enrolled: at % 2 === 0, required: at < 3 },
      identity: null,
      openSessions: 1,
      tokens: 0,
    })),
    units: Object.values(units).map((unit, at) => ({
      ...unit,
      parent: at === 0 ? null : units.bureau.id,
      code: `3301${at}`,
      closedAt: null,
    })),
    tokens: [],
  };
}
