import { type TSchema, Type } from 'typebox';

export const Uuid = Type.String({ format: 'uuid' });
/** RFC 3339 with offset; the server always answers in UTC with milliseconds. */
export const Instant = Type.String({ format: 'date-time' });
export const Sha256Hex = Type.String({ pattern: '^[0-9a-f]{64}$' });
export const Sm3Hex = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** bytes; up to 2^53-1 */
export const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** Human text from outside: no control characters, no halves of surrogate pairs (no database stores them), bounded. */
export const Line = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]+$' });
export const IdParams = Type.Object({ id: Uuid });
