import { randomUUID } from 'node:crypto';
import type { CallReply, CaseFile, EventType } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now } from './clock.ts';
import { type Person, people, units, uuidOf } from './people.ts';

type CaseAnswers = Pick<
  Answers,
  | 'listCases'
  | 'createCase'
  | 'getCase'
  | 'changeCase'
  | 'assignCaseOfficer'
  | 'releaseCaseOfficer'
  | 'getCaseHistory'
  | 'listColleagues'
>;

type History = CallReply<'getCaseHistory'>['items'];

const subjects = ['张记餐馆', '李某', '临江市某物流公司', null];
const titles = ['占道经营案', '夜市噪声扰民案', '超限运输案', '食品安全检查'];
const kinds = ['penalty', 'complaint', 'coercion', 'inspection'] as const;

/** Case files of an invented bureau, newest first. */
export function caseWorld(): CaseFile[] {
  const [chen, , , li] = people;
  if (!chen || !li) throw new Error('The fake site has too few people.');
  return Array.from({ length: 24 }, (_, at) => ({
    id: uuidOf(`case ${at}`),
    number: `临公（城东）受案字〔2026〕${1187 - at} 号`,
    unit: units.east,
    kind: kinds[at % kinds.length] ?? 'other',
    title: titles[at % titles.length] ?? '',
    subject: subjects[at % subjects.length] ?? null,
    state: at % 5 === 4 ? 'closed' : 'open',
    officers: [
      {
        ...{ id: li.id, name: li.name, officerNumber: li.officerNumber, from: null, until: iso(now + 30 * 86_400_000) },
        ...{ addedBy: { id: chen.id, name: chen.name }, addedAt: iso(now - 86_400_000), counts: true },
      },
    ],
    items: at % 4 === 3 ? 0 : 12 - (at % 7),
    openedAt: iso(now - at * 86_400_000),
    matter: at === 0 ? { id: uuidOf('matter 1'), title: '现场检查' } : null,
    openedBy: { id: chen.id, name: chen.name },
    closedAt: at % 5 === 4 ? iso(now) : null,
    revision: 1,
    changed: null,
    actions: { change: true },
  }));
}

export function caseAnswers(cases: CaseFile[]): CaseAnswers {
  const histories = new Map<string, History>();
  const found = (id: string) => cases.find((file) => file.id === id) ?? refuse(404, 'not_found');
  const historyOf = (file: CaseFile): History => {
    const known = histories.get(file.id) ?? [
      entryOf('case.opened', file.id, file.openedAt, file.openedBy, factsIn(file)),
    ];
    histories.set(file.id, known);
    return known;
  };
  /** Changes a case as the server does: refused when somebody else was first. */
  const change = (
    id: string,
    basedOn: number,
    me: Person,
    make: (file: CaseFile) => Partial<CaseFile>,
    said: (file: CaseFile) => readonly [EventType, Said],
  ): CaseFile => {
    const file = found(id);
    if (file.revision !== basedOn) return refuse(409, 'case_changed');
    const before = historyOf(file);
    Object.assign(file, make(file), {
      revision: basedOn + 1,
      changed: { by: { id: me.id, name: me.name }, at: iso(now) },
    });
    const [type, data] = said(file);
    histories.set(id, [...before, entryOf(type, id, iso(now), me, data)]);
    return file;
  };
  return {
    listCases: ({ query }) => {
      const is = (key: string, value: string) => query.get(key) === null || query.get(key) === value;
      const limit = Number(query.get('limit') ?? 50);
      const start = Number(query.get('cursor') ?? 0);
      const matching = cases.filter(
        (file) =>
          is('state', file.state) &&
          is('kind', file.kind) &&
          is('unit', file.unit.id) &&
          (query.get('officer') === null || file.officers.some(({ id }) => id === query.get('officer'))) &&
          `${file.number} ${file.title} ${file.subject ?? ''}`.includes(query.get('q') ?? ''),
      );
      const next = start + limit < matching.length ? String(start + limit) : null;
      return { items: matching.slice(start, start + limit), next };
    },
    getCase: ({ params }) => found(params.id),
    getCaseHistory: ({ params }) => ({ items: historyOf(found(params.id)), next: null }),
    createCase: ({ body, me }) => {
      if (cases.some(({ number }) => number === body.number)) return refuse(409, 'case_number_taken');
      const file: CaseFile = {
        ...{
          id: randomUUID(),
          number: body.number,
          title: body.title,
          subject: body.subject,
          kind: body.kind ?? 'other',
        },
        ...{ unit: Object.values(units).find(({ id }) => id === body.unit) ?? units.east, state: 'open', officers: [] },
        ...{ items: 0, openedAt: iso(now), matter: null, openedBy: { id: me.id, name: me.name }, closedAt: null },
        ...{ revision: 1, changed: null, actions: { change: true } },
      };
      cases.unshift(file);
      return file;
    },
    changeCase: ({ params, body, me }) =>
      change(
        params.id,
        body.basedOn,
        me,
        (file) => ({
          title: body.title,
          subject: body.subject,
          kind: body.kind ?? file.kind,
          state: body.state,
          closedAt: body.state === 'open' ? null : iso(now),
        }),
        (file) => [
          'case.changed',
          {
            ...factsIn(file),
            ...(body.reason ? { opened: { ...factsIn(file).opened, '/data/reason': body.reason } } : {}),
          },
        ],
      ),
    assignCaseOfficer: ({ params, body, me }) => {
      const person = people.find(({ id }) => id === params.account) ?? refuse(422, 'unknown_officer');
      const { id, name, officerNumber } = person;
      const { from, until } = body;
      return change(
        params.id,
        body.basedOn,
        me,
        (file) => ({
          officers: [
            ...file.officers.filter((officer) => officer.id !== id),
            {
              ...{ id, name, officerNumber, from, until, counts: id !== me.id },
              ...{ addedBy: { id: me.id, name: me.name }, addedAt: iso(now) },
            },
          ],
        }),
        () => ['case.officer_assigned', { data: { officer: id, from, until }, opened: { '/data/name': name } }],
      );
    },
    releaseCaseOfficer: ({ params, query, me }) =>
      change(
        params.id,
        Number(query.get('basedOn')),
        me,
        (file) => ({ officers: file.officers.filter(({ id }) => id !== params.account) }),
        () => ['case.officer_released', { data: { officer: params.account }, opened: { '/data/name': '李捷' } }],
      ),
    listColleagues: ({ query }) => ({
      items: people
        .filter(({ roles }) => roles.some(({ role }) => !['auditor', 'system_admin', 'security_admin'].includes(role)))
        .filter(({ name, officerNumber }) => `${name} ${officerNumber ?? ''}`.includes(query.get('q') ?? ''))
        .map(({ id, name, officerNumber, unit }) => ({ id, name, officerNumber, unit })),
    }),
  };
}

interface Said {
  readonly data: object;
  /** values behind commitments */
  readonly opened: Record<string, string>;
}

const factsIn = ({ kind, state, title, subject, number }: CaseFile): Said => ({
  data: { kind, state },
  opened: { '/data/number': number, '/data/title': title, ...(subject ? { '/data/subject': subject } : {}) },
});

/** An entry of the log about a thing that people keep. */
export function entryOf(
  type: EventType,
  id: string,
  at: string,
  by: { readonly id: string; readonly name: string },
  { data, opened }: Said,
  kind: 'case' | 'device' = 'case',
): History[number] {
  return {
    index: 48_100,
    event: {
      v: 1,
      type,
      at,
      actor: { kind: 'account', id: by.id, name: { commitment: 'A'.repeat(43) } },
      subject: { kind, id },
      data,
    },
    openings: { '/actor/name': by.name, ...opened },
  };
}
