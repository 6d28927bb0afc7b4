import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, type RouteRule } from '../http/route.ts';

/**
 * Disposition (销毁): an archivist asks, another person decides, and only then, only after the term and under no hold, the content is
 * deleted. Digests and history stay for ever.
 *
 * ```
 * requested -> approved -> disposing -> disposed
 *          \-> rejected          \-> (stays until the vaults have let go of everything)
 *          \-> withdrawn    approved -> refused   (held again, kept longer, or the engine still locks it)
 * ```
 */
export const dispositionStates = [
  'requested',
  'approved',
  'rejected',
  'withdrawn',
  'refused',
  'disposing',
  'disposed',
] as const;
export const DispositionState = Type.Enum([...dispositionStates]);
export type DispositionState = Static<typeof DispositionState>;

/** Why an approved disposition was not carried out, or a request not taken; `engine` names the vault's own refusal. */
export const dispositionRefusals = ['not_expired', 'permanent', 'held', 'engine_retained', 'engine_held'] as const;
export const DispositionRefusal = Type.Enum([...dispositionRefusals]);
export type DispositionRefusal = Static<typeof DispositionRefusal>;

export const Disposition = Type.Object({
  id: Uuid,
  evidence: Uuid,
  item: Type.Object({
    name: Type.String(),
    size: Bytes,
    unit: Type.Object({ id: Uuid, name: Type.String() }),
  }),
  state: DispositionState,
  requested: Type.Object({ by: Type.Object({ id: Uuid, name: Type.String() }), at: Instant, reason: Type.String() }),
  decided: Nullable(
    Type.Object({ by: Type.Object({ id: Uuid, name: Type.String() }), at: Instant, reason: Type.String() }),
  ),
  /** for `refused` */
  refusal: Nullable(DispositionRefusal),
  finishedAt: Nullable(Instant),
  /** why it takes long, while `approved` or `disposing` */
  detail: Nullable(Type.String()),
  ...findingsField,
  /** whether the reader may decide it, or withdraw it, now */
  actions: Type.Object({ decide: Type.Boolean(), withdraw: Type.Boolean() }),
});
export type Disposition = Static<typeof Disposition>;

const readers = { who: 'person', roles: ['archivist', 'legal', 'bureau_head', 'auditor'] } as const satisfies RouteRule;

export const requestDisposition = defineRoute({
  method: 'POST',
  path: '/api/dispositions',
  summary: 'Ask that items be disposed of; all of them, or none if one may not be',
  tag: 'retention',
  rule: { who: 'person', roles: ['archivist'] },
  body: Type.Object(
    { evidence: Type.Array(Uuid, { minItems: 1, maxItems: 100, uniqueItems: true }), reason: Line(500) },
    { additionalProperties: false },
  ),
  reply: Type.Object({ items: Type.Array(Disposition) }),
  status: 201,
  problems: ['not_found', 'denied', 'not_disposable', 'already_requested', 'not_recorded'],
});

export const listDispositions = defineRoute({
  method: 'GET',
  path: '/api/dispositions',
  summary: 'Dispositions of items the reader can see, newest first',
  tag: 'retention',
  rule: readers,
  query: Type.Object(
    { ...pageQuery, state: Type.Optional(DispositionState), evidence: Type.Optional(Uuid) },
    { additionalProperties: false },
  ),
  reply: Page(Disposition),
  problems: ['cursor_invalid'],
});

export const decideDisposition = defineRoute({
  method: 'POST',
  path: '/api/dispositions/:id/decision',
  summary: 'Approve or reject a disposition; never by the person who asked',
  tag: 'retention',
  rule: { who: 'person', roles: ['legal', 'bureau_head'], scope: 'session' },
  params: IdParams,
  body: Type.Object({ approve: Type.Boolean(), reason: Line(500) }, { additionalProperties: false }),
  reply: Disposition,
  problems: ['not_found', 'denied', 'own_request', 'not_disposable', 'disposition_decided', 'not_recorded'],
});

export const withdrawDisposition = defineRoute({
  method: 'POST',
  path: '/api/dispositions/:id/withdrawal',
  summary: 'Take back a disposition that nobody has decided yet',
  tag: 'retention',
  rule: { who: 'person', roles: ['archivist'] },
  params: IdParams,
  reply: Disposition,
  problems: ['not_found', 'denied', 'disposition_decided', 'not_recorded'],
});
