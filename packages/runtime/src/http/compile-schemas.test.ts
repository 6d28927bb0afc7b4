import { api } from '@fengcun/contracts';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { compileSerializer, compileValidator, serializerOf, validatorOf } from './compile-schemas.ts';

const ofRoute = { method: 'GET', url: '/' };

describe('schemas of routes', () => {
  // Otherwise the first request of a route would be the first to find out.
  test.each(Object.entries(api))('of %s can all be compiled', (_, { params, query, body, reply }) => {
    if (params) validatorOf(params, 'params');
    if (query) validatorOf(query, 'querystring');
    if (body) validatorOf(body, 'body');
    if (reply) serializerOf(reply);
  });

  test('are compiled by the first request, not by the start', () => {
    const schema = { type: 'no such type' };
    const validate = compileValidator({ ...ofRoute, schema, httpPart: 'body' });
    const serialize = compileSerializer({ ...ofRoute, schema: { $ref: '#/nowhere' } });
    expect(() => validate('x')).toThrow();
    expect(() => serialize('x')).toThrow();
  });

  test('say what is wrong with this request, and nothing of the last one', () => {
    const validate = compileValidator({ ...ofRoute, schema: Type.Object({ n: Type.Integer() }), httpPart: 'body' });
    expect([validate({ n: 'x' }), validate.errors?.[0]?.instancePath]).toEqual([false, '/n']);
    expect([validate({ n: 1 }), validate.errors]).toEqual([true, null]);
  });
});
