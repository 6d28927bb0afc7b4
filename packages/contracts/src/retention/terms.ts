import { type Static, Type } from 'typebox';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, type RouteRule } from '../http/route.ts';
import { MediaKind } from '../offload/schema.ts';

/**
 * How long things are kept (保管期限), and the catalogue of what must be recorded (音像记录事项清单). Terms belong to matters and kinds;
 * a change of the rules lengthens what is kept already, and never shortens it.
 */

/** ISO 8601 duration of one unit (`P6M`, `P3Y`, `P30D`), or `permanent` (永久). Counted by the calendar, in UTC. */
export const RetentionTerm = Type.String({ pattern: '^(P([1-9][0-9]{0,3}[DM]|[1-9][0-9]{0,2}Y)|permanent)$' });
export type RetentionTerm = Static<typeof RetentionTerm>;

/** Short code of a class, chosen when it is made and never changed: `D10`, `permanent`, `short`. */
export const ClassCode = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$' });
export const ClassParams = Type.Object({ code: ClassCode });

export const RetentionClass = Type.Object({
  code: ClassCode,
  /** as people call it: 定期十年 */
  name: Type.String(),
  term: RetentionTerm,
  /** counts the changes of `term`, from 1 */
  revision: Type.Integer({ minimum: 1 }),
  /** no longer offered; what is kept under it stays kept */
  retired: Type.Boolean(),
  updatedAt: Instant,
});
export type RetentionClass = Static<typeof RetentionClass>;

/** The class an item of this kind gets when it is sealed, until a matter or a person says more. */
export const RetentionDefault = Type.Object({ kind: MediaKind, class: ClassCode });
export type RetentionDefault = Static<typeof RetentionDefault>;

export const RetentionRules = Type.Object({
  /** shortest term first, `permanent` last */
  classes: Type.Array(RetentionClass),
  defaults: Type.Array(RetentionDefault),
  /** years that a permanent lock reaches ahead at least; it is renewed long before it runs out */
  permanentYears: Type.Integer(),
});
export type RetentionRules = Static<typeof RetentionRules>;

const readers = { who: 'person', roles: [] } as const satisfies RouteRule;
const keepers = { who: 'person', roles: ['archivist', 'security_admin'] } as const satisfies RouteRule;

export const getRetentionRules = defineRoute({
  method: 'GET',
  path: '/api/retention/rules',
  summary: 'Retention classes and the default class of each kind',
  tag: 'retention',
  rule: readers,
  reply: RetentionRules,
});

export const saveRetentionClass = defineRoute({
  method: 'PUT',
  path: '/api/retention/classes/:code',
  summary:
    'Make or change a retention class; a longer term reaches what is kept already, a shorter one only what comes',
  tag: 'retention',
  rule: keepers,
  params: ClassParams,
  body: Type.Object(
    { name: Line(100), term: RetentionTerm, retired: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
  reply: RetentionClass,
  problems: ['denied', 'class_in_use', 'not_recorded'],
});

export const saveRetentionDefault = defineRoute({
  method: 'PUT',
  path: '/api/retention/defaults/:kind',
  summary: 'Choose the class that items of a kind are sealed under from now on',
  tag: 'retention',
  rule: keepers,
  params: Type.Object({ kind: MediaKind }),
  body: Type.Object({ class: ClassCode }, { additionalProperties: false }),
  reply: RetentionDefault,
  problems: ['denied', 'unknown_class', 'not_recorded'],
});

/**
 * - `full`: recorded from beginning to end (全程); no recording of it is a finding
 * - `situational`: recorded as the situation needs, or a signed reason why not (根据情况)
 * - `text`: written records suffice (文字记录)
 */
export const matterLevels = ['full', 'situational', 'text'] as const;
export const MatterLevel = Type.Enum([...matterLevels]);
export type MatterLevel = Static<typeof MatterLevel>;

/** What a bureau writes into a row of its catalogue of recording matters. */
export const matterFields = {
  /** 执法环节: 启动, 调查取证, 审查决定, 送达执行 … */
  stage: Line(100),
  /** 事项 */
  title: Line(200),
  /** 记录场合 */
  occasion: Nullable(Line(200)),
  /** 记录方式: 执法记录仪, 摄像机, 录音笔 … */
  method: Nullable(Line(200)),
  /** 开始, 结束: at what the recording begins and ends */
  begins: Nullable(Line(200)),
  ends: Nullable(Line(200)),
  /** 时限: until when it must be handed in */
  deadline: Nullable(Line(200)),
  /** 记录人 */
  recorder: Nullable(Line(200)),
  /** 执法类别: 行政处罚, 行政强制, 行政检查 … */
  category: Nullable(Line(100)),
  level: MatterLevel,
  /** 存储期限 */
  class: ClassCode,
};

export const Matter = Type.Object({
  id: Uuid,
  /** whose catalogue it is in; it holds for everything below that unit */
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  ...matterFields,
  revision: Type.Integer({ minimum: 1 }),
  /** no longer offered; what was recorded under it keeps it */
  retired: Type.Boolean(),
  updatedAt: Instant,
});
export type Matter = Static<typeof Matter>;
export const MatterBody = Type.Object(matterFields, { additionalProperties: false });
export type MatterBody = Static<typeof MatterBody>;

export const listMatters = defineRoute({
  method: 'GET',
  path: '/api/matters',
  summary: 'The catalogue of recording matters that holds for the reader, by stage and title; at most 2000 rows',
  tag: 'retention',
  rule: readers,
  query: Type.Object(
    {
      /** only those that hold for this unit */
      unit: Type.Optional(Uuid),
      level: Type.Optional(MatterLevel),
      /** also those no longer offered */
      retired: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ items: Type.Array(Matter) }),
});

export const createMatter = defineRoute({
  method: 'POST',
  path: '/api/matters',
  summary: "Add a matter to a unit's catalogue",
  tag: 'retention',
  rule: keepers,
  body: Type.Object({ unit: Uuid, ...matterFields }, { additionalProperties: false }),
  reply: Matter,
  status: 201,
  problems: ['not_found', 'denied', 'unknown_class', 'matter_exists', 'not_recorded'],
});

export const changeMatter = defineRoute({
  method: 'PUT',
  path: '/api/matters/:id',
  summary: 'Change a matter; a longer class reaches what was recorded under it, a shorter one only what comes',
  tag: 'retention',
  rule: keepers,
  params: IdParams,
  body: MatterBody,
  reply: Matter,
  problems: ['not_found', 'denied', 'unknown_class', 'matter_exists', 'not_recorded'],
});

export const retireMatter = defineRoute({
  method: 'POST',
  path: '/api/matters/:id/retirement',
  summary: 'Offer a matter no longer; what was recorded under it keeps its class',
  tag: 'retention',
  rule: keepers,
  params: IdParams,
  reply: Matter,
  problems: ['not_found', 'denied', 'not_recorded'],
});
