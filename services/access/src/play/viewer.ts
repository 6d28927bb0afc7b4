import type { Person } from '@fengcun/identity';

/** The name on the footage: whose eyes it is for. */
export const viewerOf = ({ account }: Pick<Person, 'account'>): string =>
  account.officerNumber ? `${account.name} ${account.officerNumber}` : account.name;
