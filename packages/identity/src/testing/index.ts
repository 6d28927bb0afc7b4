/** People and docks for tests. `db` is a pool of the database's owner: services may not make accounts. */
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { type Database, newId } from '@fengcun/catalog';
import type { Role, TokenScope } from '@fengcun/contracts';
import { SignJWT } from 'jose';
import { hashPassword } from '../password/password.ts';
import { newAccessToken, newSessionToken, sessionCookie } from '../session/cookie.ts';

/** The audience that `makeDock`'s tokens name unless told otherwise. */
export const testAudience = 'test-site';

export interface TestUnit {
  readonly id: string;
  readonly name: string;
  readonly path: readonly string[];
}

/** A unit, at the root or below another. */
export async function makeUnit(
  db: Database,
  options: { readonly parent?: TestUnit; readonly name?: string } = {},
): Promise<TestUnit> {
  const id = newId();
  const name = options.name ?? `单位 ${id.slice(-6)}`;
  const path = [...(options.parent?.path ?? []), id];
  await db
    .insertInto('unit')
    .values({ id, parent_id: options.parent?.id ?? null, name, code: id, path })
    .execute();
  return { id, name, path };
}

export interface TestPerson {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly password: string;
  readonly unit: TestUnit;
  readonly session: string;
  /** a `Cookie` header of an open session */
  readonly cookie: string;
  /** headers with which the person's browser changes something from our own page */
  readonly headers: { readonly cookie: string; readonly 'sec-fetch-site': 'same-origin' };
}

export interface PersonOptions {
  readonly unit?: TestUnit;
  readonly now?: Date;
  readonly name?: string;
}

/** A person holding a role (or several) in a unit (a new one unless given), with an open session. */
export async function makePerson(
  db: Database,
  role: Role | readonly Role[],
  options: PersonOptions = {},
): Promise<TestPerson> {
  const unit = options.unit ?? (await makeUnit(db));
  const id = newId();
  const login = `u${randomBytes(6).toString('hex')}`;
  const name = options.name ?? `人员 ${login}`;
  const password = randomBytes(9).toString('base64url');
  await db
    .insertInto('account')
    .values({
      id,
      login,
      name,
      officer_number: String(randomInt(1e9, 1e10)),
      unit_id: unit.id,
      password_hash: await hashPassword(password, { logN: 8 }),
      locked_until: null,
      disabled_at: null,
      created_at: new Date(),
    })
    .execute();
  for (const held of typeof role === 'string' ? [role] : role) {
    await db.insertInto('account_role').values({ account_id: id, unit_id: unit.id, role: held }).execute();
  }
  const opened = await makeSession(db, id, options.now);
  return { id, login, name, password, unit, ...opened };
}

/** A further open session of an account, 12 hours long, last used now. */
export async function makeSession(db: Database, account: string, now = new Date()) {
  const { token, hash } = newSessionToken();
  const session = newId();
  await db
    .insertInto('session')
    .values({
      id: session,
      token_hash: hash,
      account_id: account,
      created_at: now,
      last_seen_at: now,
      expires_at: new Date(now.getTime() + 12 * 60 * 60_000),
      closed_at: null,
      address: '127.0.0.1',
      user_agent: 'test',
      // Signed in for good, whatever the roles.
      second_factor: 'totp',
    })
    .execute();
  const cookie = `${sessionCookie}=${token}`;
  return { session, cookie, headers: { cookie, 'sec-fetch-site': 'same-origin' } } as const;
}

/** A personal access token of an account, a year long, and the header that presents it. */
export async function makeToken(db: Database, account: string, scopes: readonly TokenScope[], now = new Date()) {
  const { token, hash } = newAccessToken();
  const id = newId();
  await db
    .insertInto('session')
    .values({
      id,
      token_hash: hash,
      account_id: account,
      created_at: now,
      last_seen_at: now,
      expires_at: new Date(now.getTime() + 365 * 24 * 60 * 60_000),
      closed_at: null,
      address: '127.0.0.1',
      user_agent: '',
      kind: 'token',
      via: 'token',
      name: 'test',
      scopes: [...scopes],
    })
    .execute();
  return { id, token, headers: { authorization: `Bearer ${token}` } } as const;
}

export interface TestDock {
  readonly id: string;
  readonly name: string;
  readonly unit: TestUnit;
  /** PKCS #8 PEM */
  readonly privateKey: string;
  /** a fresh token; claims and times may be bent */
  token(bend?: TokenBend): Promise<string>;
}

export interface TokenBend {
  readonly audience?: string;
  /** when it is signed */
  readonly now?: Date;
  readonly lifetimeSeconds?: number;
  readonly subject?: string;
}

/** An enrolled dock of a unit (a new one unless given). */
export async function makeDock(db: Database, options: { readonly unit?: TestUnit } = {}): Promise<TestDock> {
  const unit = options.unit ?? (await makeUnit(db));
  const id = newId();
  const name = `采集站 ${id.slice(-6)}`;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const now = new Date();
  await db
    .insertInto('dock')
    .values({
      id,
      name,
      unit_id: unit.id,
      public_key: Buffer.from(x, 'base64url'),
      code_hash: null,
      code_expires_at: null,
      created_at: now,
      enrolled_at: now,
      revoked_at: null,
      last_seen_at: null,
    })
    .execute();
  return {
    id,
    name,
    unit,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    token({ audience = testAudience, now = new Date(), lifetimeSeconds = 120, subject = id } = {}) {
      const iat = Math.floor(now.getTime() / 1000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'EdDSA', kid: id })
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(iat)
        .setExpirationTime(iat + lifetimeSeconds)
        .sign(privateKey);
    },
  };
}
