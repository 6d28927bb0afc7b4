import { type TSchema, Type } from 'typebox';

/** Query fields of a keyset-paged list. `cursor` is opaque and comes from the previous page's `next`. */
export const pageQuery = {
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
};

/** One page of a list; `next` is null on the last one. */
export const Page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) });
