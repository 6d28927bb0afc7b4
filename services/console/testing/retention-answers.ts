import type { Change, Disposition, Hold, ItemRetention, Matter, RetentionClass } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now } from './clock.ts';
import { type Person, units, uuidOf } from './people.ts';
import type { World } from './world.ts';

type RetentionAnswers = Pick<
  Answers,
  | 'getRetentionRules'
  | 'saveRetentionClass'
  | 'saveRetentionDefault'
  | 'listMatters'
  | 'createMatter'
  | 'changeMatter'
  | 'retireMatter'
  | 'getItemRetention'
  | 'assignItemRetention'
  | 'setHold'
  | 'releaseHold'
  | 'listHolds'
  | 'listDueItems'
  | 'requestDisposition'
  | 'listDispositions'
  | 'decideDisposition'
  | 'withdrawDisposition'
>;

const day = 86_400_000;
const kinds = ['video', 'audio', 'image', 'document', 'other'] as const;
const classes: readonly (readonly [string, string, string])[] = [
  ['M6', '六个月', 'P6M'],
  ['Y10', '定期十年', 'P10Y'],
  ['permanent', '永久', 'permanent'],
];
const has = (me: Person, ...roles: readonly string[]) => me.roles.some(({ role }) => roles.includes(role));

/** How the fake site keeps things. Row 8 of the list is overdue; row 9 has a damaged second copy; row 10 was disposed of. */
export function retentionAnswers(world: World, emit: (change: Change) => void): RetentionAnswers {
  const known: RetentionClass[] = classes.map(([code, name, term]) => ({
    code,
    name,
    term,
    revision: 1,
    retired: false,
    updatedAt: iso(now - 90 * day),
  }));
  const matters: Matter[] = [
    matterOf('调查取证', '查封扣押财产', 'full', 'permanent'),
    matterOf('调查取证', '现场检查', 'situational', 'Y10'),
    matterOf('送达执行', '留置送达', 'situational', 'Y10'),
  ];
  const items = new Map<string, ItemRetention>();
  const dispositions: Disposition[] = [];
  const at = (index: number) => world.evidence[index]?.id ?? '';
  const overdue = at(8);
  const rowOf = (id: string) => world.evidence.find((row) => row.id === id) ?? refuse(404, 'not_found');
  const tell = (id: string) => emit({ kind: 'evidence', id, unit: rowOf(id).unit.id });

  const keptOf = (id: string, me: Person): ItemRetention => {
    const row = rowOf(id);
    const item = items.get(id) ?? fresh(row.id, row.sealedAt);
    items.set(id, item);
    const keeps = item.tombstone === null;
    return {
      ...item,
      disposition: dispositions.findLast(({ evidence }) => evidence === id) ?? item.disposition,
      actions: {
        assign: { allowed: keeps && has(me, 'archivist'), rule: 'archivist_extends_retention' },
        hold: { allowed: keeps && has(me, 'archivist', 'legal'), rule: 'archivist_or_legal_holds' },
        dispose: { allowed: keeps && has(me, 'archivist'), rule: 'archivist_requests_disposition' },
      },
    };
  };
  const fresh = (id: string, sealedAt: string): ItemRetention => {
    const gone = id === at(10);
    const until = id === overdue || gone ? now - 3 * day : Date.parse(sealedAt) + 183 * day;
    return {
      evidence: id,
      class: { code: 'M6', name: '六个月' },
      matter: null,
      from: sealedAt,
      until: iso(until),
      lockedUntil: iso(until),
      lock: { state: 'applied', detail: null },
      held: false,
      holds: [],
      copies: (['primary', 'replica'] as const).map((vault) => ({
        vault,
        state: gone ? 'removed' : id === at(9) && vault === 'replica' ? 'damaged' : 'ready',
        driver: 'disk',
        version: uuidOf(`${id} ${vault}`),
        generation: 0,
        checkedAt: iso(now - day),
        detail: id === at(9) && vault === 'replica' ? 'SHA-256 differs from what was sealed.' : null,
      })),
      disposition: null,
      tombstone: gone
        ? {
            disposition: uuidOf('disposition'),
            disposedAt: iso(now - day),
            requestedBy: '档案员',
            decidedBy: '法制员',
            objects: 4,
          }
        : null,
      actions: {
        assign: { allowed: false, rule: '' },
        hold: { allowed: false, rule: '' },
        dispose: { allowed: false, rule: '' },
      },
    };
  };
  const page = <T>(list: readonly T[]) => ({ items: [...list], next: null });
  const shown = (disposition: Disposition, me: Person): Disposition => {
    const open = disposition.state === 'requested';
    const own = disposition.requested.by.id === me.id;
    return {
      ...disposition,
      actions: { decide: open && !own && has(me, 'legal', 'bureau_head'), withdraw: open && has(me, 'archivist') },
    };
  };
  const holdOf = (id: string): { hold: Hold; item: ItemRetention } => {
    for (const item of items.values()) {
      const hold = item.holds.find((each) => each.id === id);
      if (hold) return { hold, item };
    }
    return refuse(404, 'not_found');
  };
  const dispositionOf = (id: string) => dispositions.find((each) => each.id === id) ?? refuse(404, 'not_found');

  return {
    getRetentionRules: () => ({
      classes: known,
      defaults: kinds.map((kind) => ({ kind, class: 'M6' })),
      permanentYears: 30,
    }),
    saveRetentionClass: ({ params, body }) => {
      const before = known.find(({ code }) => code === params.code);
      const saved = {
        code: params.code,
        name: body.name,
        term: body.term,
        revision: (before?.revision ?? 0) + 1,
        retired: body.retired ?? false,
        updatedAt: iso(now),
      };
      if (before) Object.assign(before, saved);
      else known.push(saved);
      return saved;
    },
    saveRetentionDefault: ({ params, body }) => ({ kind: params.kind, class: body.class }),
    listMatters: () => ({ items: matters.filter(({ retired }) => !retired) }),
    createMatter: ({ body }) => {
      const { unit: _, ...fields } = body;
      const matter = { ...matterOf(body.stage, body.title, body.level, body.class), ...fields };
      matters.push(matter);
      return matter;
    },
    changeMatter: ({ params, body }) => {
      const matter = matters.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      return Object.assign(matter, body, { revision: matter.revision + 1 });
    },
    retireMatter: ({ params }) => {
      const matter = matters.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      return Object.assign(matter, { retired: true });
    },
    getItemRetention: ({ params, me }) => keptOf(params.id, me),
    assignItemRetention: ({ params, body, me }) => {
      const item = { ...keptOf(params.id, me) };
      const chosen = known.find(({ code }) => code === body.class) ?? refuse(422, 'unknown_class');
      items.set(params.id, {
        ...item,
        class: { code: chosen.code, name: chosen.name },
        until: chosen.term === 'permanent' ? null : iso(now + 3650 * day),
        lock: { state: 'pending', detail: null },
      });
      return keptOf(params.id, me);
    },
    setHold: ({ params, body, me }) => {
      const item = keptOf(params.id, me);
      const hold = {
        id: uuidOf(`hold ${params.id} ${item.holds.length}`),
        evidence: params.id,
        reason: body.reason,
        setBy: me.name,
        setAt: iso(now),
        released: null,
      };
      items.set(params.id, { ...item, held: true, holds: [hold, ...item.holds] });
      tell(params.id);
      return hold;
    },
    releaseHold: ({ params, body, me }) => {
      const { hold, item } = holdOf(params.id);
      hold.released = { by: me.name, at: iso(now), reason: body.reason };
      items.set(item.evidence, { ...item, held: item.holds.some(({ released }) => released === null) });
      return hold;
    },
    listHolds: () =>
      page(
        [...items.values()]
          .flatMap(({ holds }) => holds.filter(({ released }) => released === null))
          .map((hold) => {
            const { name, unit } = rowOf(hold.evidence);
            return { ...hold, item: { name, unit: unit.name } };
          }),
      ),
    listDueItems: () => {
      const row = world.evidence.find(({ id }) => id === overdue);
      if (!row || dispositions.some(({ evidence }) => evidence === overdue)) return page([]);
      const { id, name, kind, size, unit, capturedAt } = row;
      return page([{ id, name, kind, size, unit, capturedAt, class: 'M6', until: iso(now - 3 * day) }]);
    },
    requestDisposition: ({ body, me }) => {
      const made = body.evidence.map((id): Disposition => {
        const { name, size, unit } = rowOf(id);
        return {
          id: uuidOf(`disposition ${id}`),
          evidence: id,
          item: { name, size, unit },
          state: 'requested',
          requested: { by: { id: me.id, name: me.name }, at: iso(now), reason: body.reason },
          decided: null,
          refusal: null,
          finishedAt: null,
          detail: null,
          actions: { decide: false, withdraw: true },
        };
      });
      dispositions.push(...made);
      return { items: made };
    },
    listDispositions: ({ query, me }) => {
      const state = query.get('state');
      return page(dispositions.filter((each) => state === null || each.state === state).map((each) => shown(each, me)));
    },
    decideDisposition: ({ params, body, me }) => {
      const found = dispositionOf(params.id);
      found.state = body.approve ? 'approved' : 'rejected';
      found.decided = { by: { id: me.id, name: me.name }, at: iso(now), reason: body.reason };
      return shown(found, me);
    },
    withdrawDisposition: ({ params, me }) => {
      const found = dispositionOf(params.id);
      found.state = 'withdrawn';
      return shown(found, me);
    },
  };
}

function matterOf(stage: string, title: string, level: Matter['level'], cls: string): Matter {
  return {
    id: uuidOf(`matter ${stage} ${title}`),
    unit: units.bureau,
    stage,
    title,
    occasion: null,
    method: '执法记录仪',
    begins: null,
    ends: null,
    deadline: null,
    recorder: null,
    category: '行政处罚',
    level,
    class: cls,
    revision: 1,
    retired: false,
    updatedAt: iso(now - 30 * day),
  };
}
