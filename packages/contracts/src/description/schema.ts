import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/**
 * What people say about a recording: the recording and what was sealed with it never change, so this stands beside it. Every version is
 * kept, and each is an event that commits to it.
 */

/** Text of several lines from a person: no control characters but the line feed. */
const Note = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]+$' });

const written = {
  title: Nullable(Line(200)),
  /** 地点 */
  place: Nullable(Line(200)),
  tags: Type.Array(Line(50), { maxItems: 20, uniqueItems: true }),
  note: Nullable(Note),
};

/** One version. Version 0 is what every recording begins with: nothing said yet. */
export const Description = Type.Object({
  version: Type.Integer({ minimum: 0 }),
  ...written,
  case: Nullable(Type.Object({ id: Uuid, number: Type.String(), title: Type.String() })),
  matter: Nullable(Type.Object({ id: Uuid, title: Type.String() })),
  at: Nullable(Instant),
  by: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
});
export type Description = Static<typeof Description>;

/** How the describing of an item stands for the reader. */
export const ItemDescription = Type.Object({
  ...Description.properties,
  actions: Type.Object({ describe: Type.Object({ allowed: Type.Boolean(), rule: Type.String() }) }),
});
export type ItemDescription = Static<typeof ItemDescription>;

export const getDescription = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/description',
  summary: 'What is said about an item now, and whether the reader may change it',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  reply: ItemDescription,
  problems: ['not_found'],
});

export const describeEvidence = defineRoute({
  method: 'PUT',
  path: '/api/evidence/:id/description',
  summary:
    'Say title, place, tags, case, matter and note of an item; a matter also raises how long it is kept, never lowers it',
  tag: 'evidence',
  rule: { who: 'person', roles: ['officer', 'supervisor', 'legal', 'archivist'] },
  params: IdParams,
  body: Type.Object(
    {
      /** the version that was read: refused with `description_changed` when somebody changed it since */
      basedOn: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
      ...written,
      case: Nullable(Uuid),
      matter: Nullable(Uuid),
    },
    { additionalProperties: false },
  ),
  reply: ItemDescription,
  problems: ['not_found', 'denied', 'description_changed', 'unknown_case', 'unknown_matter', 'not_recorded'],
});

export const listDescriptions = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/descriptions',
  summary: 'Every version of what was said about an item, newest first',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(Description),
  problems: ['not_found', 'cursor_invalid'],
});

export const listTags = defineRoute({
  method: 'GET',
  path: '/api/tags',
  summary: 'Tags in use in the units the reader can see, most used first, at most 50',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  query: Type.Object({ q: Type.Optional(Line(50)) }, { additionalProperties: false }),
  reply: Type.Object({ items: Type.Array(Type.Object({ tag: Type.String(), items: Type.Integer() })) }),
  rate: 'search',
});
