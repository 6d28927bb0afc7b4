import { Type } from 'typebox';
import { Login } from '../account/schema.ts';
import { Line } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/**
 * The first thing that happens at an empty site (`site.signIn.setUp` is true): whoever has the one-time code that the start printed makes the
 * topmost unit and the first security administrator, who then signs in like anybody else.
 */
export const setUp = defineRoute({
  method: 'POST',
  path: '/api/set-up',
  summary: 'Make the topmost unit and the first security administrator of an empty site',
  tag: 'set-up',
  rule: { who: 'public' },
  body: Type.Object(
    {
      code: Line(64),
      unit: Type.Object({ name: Line(100), code: Line(32) }, { additionalProperties: false }),
      login: Login,
      name: Line(64),
      password: Type.String({ minLength: 1, maxLength: 256 }),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ login: Type.String() }),
  status: 201,
  problems: ['set_up_code_invalid', 'already_set_up', 'password_weak'],
  rate: 'sign_in',
});
