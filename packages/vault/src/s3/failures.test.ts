import { describe, expect, it } from 'vitest';
import { failureOf, vaultErrorOf } from './failures.ts';

const answered = (status: number, Code: string) =>
  Object.assign(new Error('said so'), { name: Code, Code, $metadata: { httpStatusCode: status } });
const broken = (code: string) => Object.assign(new Error('socket'), { code });

describe('a failure', () => {
  it.each([
    [broken('ECONNREFUSED'), 'refused'],
    [answered(503, 'SlowDown'), 'refused'],
    [answered(429, 'TooManyRequests'), 'refused'],
    [broken('ECONNRESET'), 'unclear'],
    [Object.assign(new Error('silence'), { name: 'TimeoutError' }), 'unclear'],
    [answered(500, 'InternalError'), 'unclear'],
    [answered(502, 'BadGateway'), 'unclear'],
    [answered(400, 'RequestTimeout'), 'unclear'],
    [broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'final'],
    [broken('CERT_HAS_EXPIRED'), 'final'],
    [broken('EPROTO'), 'unclear'],
    [Object.assign(new Error('SSL routines: wrong version number'), { code: 'EPROTO' }), 'final'],
    [answered(501, 'NotImplemented'), 'final'],
    [answered(403, 'AccessDenied'), 'final'],
    [answered(404, 'NoSuchUpload'), 'final'],
    [new TypeError('a bug'), 'final'],
    [Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'final'],
  ])('%s is told apart by whether it may have had its effect', (error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
  });

  it.each([
    [broken('DEPTH_ZERO_SELF_SIGNED_CERT'), 'REPLICA_S3_CA_FILE', /name the PEM file/],
    [broken('CERT_HAS_EXPIRED'), 'REPLICA_S3_ENDPOINT', /not valid today; renew it/],
    [broken('ERR_TLS_CERT_ALTNAME_INVALID'), 'REPLICA_S3_ENDPOINT', /for another host/],
  ])('%s names the setting to mend', (error, variable, message) => {
    const told = vaultErrorOf(error, 'Trying', 'REPLICA');
    expect(told).toMatchObject({ variable, message: expect.stringMatching(message) });
    expect(told.message).toContain(variable);
  });

  it.each([
    [answered(404, 'NoSuchVersion'), 'not_found'],
    [answered(403, 'QuotaExceeded'), 'no_space'],
    [answered(507, 'Whatever'), 'no_space'],
    [answered(403, 'SignatureDoesNotMatch'), 'read_only'],
    [answered(400, 'InvalidPart'), 'part_mismatch'],
    [answered(503, 'SlowDown'), 'unavailable'],
    [answered(404, 'NoSuchBucket'), 'unavailable'],
    [answered(418, 'Teapot'), 'unavailable'],
  ])('%s has a word of the vault', (error, code) => {
    expect(vaultErrorOf(error, 'Trying')).toMatchObject({ code, message: expect.stringMatching(/^Trying: /) });
  });
});
