import { createPublicKey } from 'node:crypto';
import { type Database, type DockKey, findDockKey, touchDock } from '@fengcun/catalog';
import type { Clock } from '@fengcun/runtime';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { DockCaller } from '../caller/caller.ts';
import type { RefusalCode } from '../errors.ts';

/** Longest time between `iat` and `exp`. A dock signs a token for every request or two; none is worth stealing. */
const maxLifetimeSeconds = 5 * 60;
/** How far a dock's clock may be from ours. */
const clockToleranceSeconds = 30;
const touchEveryMs = 60_000;
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type DockOutcome =
  | { readonly known: DockCaller }
  | {
      readonly refused: Extract<RefusalCode, `token_${string}` | 'dock_revoked'>;
      readonly dock: DockCaller | undefined;
    };

/**
 * The dock behind a bearer token (a JWT: EdDSA only; `kid` and `sub` name the dock, `aud` this site). That a dock was revoked is told
 * only to who holds its key.
 */
export async function authenticateDock(
  catalog: Database,
  token: string,
  options: { readonly audience: string; readonly clock: Clock },
): Promise<DockOutcome> {
  const id = keyIdOf(token);
  const row = id === undefined ? undefined : await findDockKey(catalog, id);
  if (!row?.publicKey) return { refused: 'token_invalid', dock: undefined };
  const now = options.clock.now();
  const fault = await tokenFault(token, row, row.publicKey, options.audience, now);
  if (fault) return { refused: fault, dock: undefined };
  const dock: DockCaller = { kind: 'dock', dock: { id: row.id, name: row.name, unitId: row.unitId } };
  if (row.revokedAt) return { refused: 'dock_revoked', dock };
  if (!row.lastSeenAt || now.getTime() - row.lastSeenAt.getTime() >= touchEveryMs)
    await touchDock(catalog, row.id, now);
  return { known: dock };
}

function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' && uuidPattern.test(kid) ? kid : undefined;
  } catch {
    return undefined;
  }
}

async function tokenFault(token: string, row: DockKey, publicKey: Buffer, audience: string, now: Date) {
  try {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
      format: 'jwk',
    });
    const { payload } = await jwtVerify(token, key, {
      // The list is what keeps `alg: none`, and an HMAC keyed with the public key, out (RFC 8725, section 3.1).
      algorithms: ['EdDSA'],
      audience,
      subject: row.id,
      requiredClaims: ['iat', 'exp'],
      maxTokenAge: maxLifetimeSeconds,
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    });
    const { iat = 0, exp = Number.POSITIVE_INFINITY } = payload;
    return exp - iat > maxLifetimeSeconds ? 'token_expired' : undefined;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'token_expired';
    if (error instanceof errors.JWTClaimValidationFailed) {
      if (error.claim === 'aud') return 'token_elsewhere';
      if (error.claim === 'iat' || error.claim === 'exp' || error.claim === 'nbf') return 'token_expired';
    }
    return 'token_invalid';
  }
}
