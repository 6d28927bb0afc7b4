import type { AudienceMember, CallReply, ItemDescription } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now } from './clock.ts';
import { people, units, uuidOf } from './people.ts';
import type { World } from './world.ts';

type SearchAnswers = Pick<
  Answers,
  | 'getTimeline'
  | 'getDescription'
  | 'describeEvidence'
  | 'listDescriptions'
  | 'listTags'
  | 'listRegister'
  | 'getAudience'
>;

const hour = 3_600_000;
const nothing = {
  version: 0,
  title: null,
  place: null,
  tags: [],
  note: null,
  case: null,
  matter: null,
  at: null,
  by: null,
};

/** What is said about recordings, and who had to do with them. */
export function searchAnswers(
  world: World,
  filtered: (world: World, query: URLSearchParams) => World['evidence'],
): SearchAnswers {
  const versions = new Map<string, ItemDescription[]>();
  const actions = { describe: { allowed: true, rule: 'own_unit_describe' } };
  const current = (id: string): ItemDescription => versions.get(id)?.at(-1) ?? { ...nothing, actions };
  const register: CallReply<'listRegister'>['items'] = world.evidence.slice(0, 60).map((item, at) => ({
    event: 9000 - at,
    index: at === 0 ? null : 48_291 - at,
    at: iso(now - at * 600_000),
    kind: at % 7 === 3 ? 'denial' : at % 2 ? 'play' : 'view',
    type: at % 7 === 3 ? 'access.denied' : at % 2 ? 'play.started' : 'evidence.viewed',
    actor: {
      kind: 'account',
      id: people[at % people.length]?.id ?? '',
      name: people[at % people.length]?.name ?? '',
      unit: units.east,
    },
    item: { id: item.id, title: item.title ?? item.name, unit: item.unit },
    request: at % 5 === 1 ? { id: uuidOf('request 1'), number: 1042 } : null,
    purpose: at % 2 ? 'case_handling' : null,
    caseNumber: null,
    rule: at % 2 ? 'own_case_play' : null,
    authorisation: null,
    data:
      at % 7 === 3
        ? { route: 'POST /api/evidence/:id/plays', code: 'denied', rule: 'no_rule_allows', suppressed: 0 }
        : {},
  }));
  return {
    getTimeline: ({ query }) => {
      const counts = new Map<number, number>();
      for (const { capturedAt } of filtered(world, query)) {
        const day = Math.floor((Date.parse(capturedAt) + 8 * hour) / (24 * hour));
        counts.set(day, (counts.get(day) ?? 0) + 1);
      }
      const bars = [...counts]
        .sort(([a], [b]) => a - b)
        .map(([day, count]) => ({
          from: iso(day * 24 * hour - 8 * hour),
          to: iso((day + 1) * 24 * hour - 8 * hour),
          count,
        }));
      return { grain: 'day', bars, total: bars.reduce((sum, { count }) => sum + count, 0), countedFrom: null };
    },
    getDescription: ({ params }) => current(params.id),
    describeEvidence: ({ params, body, me }) => {
      const before = current(params.id);
      if (body.basedOn !== before.version) return refuse(409, 'description_changed');
      const { basedOn: _, case: file, matter, ...said } = body;
      const next: ItemDescription = {
        ...said,
        version: before.version + 1,
        case: file === null ? null : { id: file, number: '临公（城东）受案字〔2026〕1187 号', title: '城东路纠纷案' },
        matter: matter === null ? null : { id: matter, title: '现场检查' },
        at: iso(now),
        by: { id: me.id, name: me.name },
        actions,
      };
      versions.set(params.id, [...(versions.get(params.id) ?? []), next]);
      const row = world.evidence.find(({ id }) => id === params.id);
      if (row) Object.assign(row, { title: said.title, place: said.place, tags: said.tags });
      return next;
    },
    listDescriptions: ({ params }) => ({ items: (versions.get(params.id) ?? []).toReversed(), next: null }),
    listTags: () => ({
      items: [
        { tag: '夜查', items: 12 },
        { tag: '投诉', items: 3 },
      ],
    }),
    listRegister: ({ query }) => {
      const is = (key: string, value: string | null | undefined) => query.get(key) === null || query.get(key) === value;
      const limit = Number(query.get('limit') ?? 50);
      const found = register.filter(
        (line) => is('kind', line.kind) && is('person', line.actor.id) && is('item', line.item?.id),
      );
      const start = Number(query.get('cursor') ?? 0);
      return {
        items: found.slice(start, start + limit),
        next: start + limit < found.length ? String(start + limit) : null,
      };
    },
    getAudience: () => ({ items: people.map((person, at) => memberOf(person, at)), next: null }),
  };
}

function memberOf(account: (typeof people)[number], at: number): AudienceMember {
  const outcome = (['allow', 'needApproval', 'deny'] as const)[at % 3] ?? 'deny';
  const rule = { allow: 'own_case_play', needApproval: 'other_play', deny: 'administrators_never_open_footage' }[
    outcome
  ];
  return {
    account: { id: account.id, name: account.name, officerNumber: account.officerNumber, unit: units.east },
    operations: (['see', 'play', 'download_proxy', 'download_original', 'package', 'disclose'] as const).map(
      (action) => ({
        action,
        outcome: action === 'see' ? 'allow' : outcome,
        rule: action === 'see' ? 'own_unit_see' : rule,
        grant: null,
        purposes: [],
      }),
    ),
  };
}
