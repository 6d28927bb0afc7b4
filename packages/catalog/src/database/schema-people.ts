import type { Generated } from 'kysely';

export interface AccountTotpTable {
  account_id: string;
  /** sealed under the site's key */
  secret: Buffer;
  confirmed_at: Date | null;
  last_step: Generated<number>;
}

export interface RecoveryCodeTable {
  account_id: string;
  hash: Buffer;
  used_at: Date | null;
}

export interface SignInPolicyTable {
  only: Generated<boolean>;
  second_factor: 'off' | 'approvers' | 'everyone';
  changed_at: Date | null;
}

export interface FederatedIdentityTable {
  issuer: string;
  subject: string;
  account_id: string;
  linked_at: Date;
}

export interface SetUpCodeTable {
  only: Generated<boolean>;
  hash: Buffer;
  expires_at: Date;
}

/** Tables of `0002_people.sql`. */
export interface PeopleSchema {
  account_totp: AccountTotpTable;
  recovery_code: RecoveryCodeTable;
  sign_in_policy: SignInPolicyTable;
  federated_identity: FederatedIdentityTable;
  set_up_code: SetUpCodeTable;
}
