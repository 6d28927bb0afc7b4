import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createTokenSource } from './token-source.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const source = () => createTokenSource({ dockId: 'd1', audience: 'site', key: privateKey });

describe('token source', () => {
  test('signs EdDSA tokens for this site that live less than five minutes', async () => {
    const { payload, protectedHeader } = await jwtVerify(await source().token(), publicKey, {
      audience: 'site',
      algorithms: ['EdDSA'],
    });
    expect(protectedHeader.kid).toBe('d1');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
  });

  test('signs for the server’s time when this machine’s clock is wrong', async () => {
    const tokens = source();
    const before = decodeJwt(await tokens.token());
    const anHourAhead = new Date(Date.now() + 3_600_000);
    tokens.observe(anHourAhead.toUTCString());
    const after = decodeJwt(await tokens.token());
    expect((after.iat ?? 0) - (before.iat ?? 0)).toBeGreaterThan(3590);
  });
});
