import { Readable } from 'node:stream';
import {
  appendEvent,
  countRegister,
  listRegister,
  newestEvent,
  type RegisterFilter,
  type RegisterLine,
  type UnitScope,
} from '@fengcun/catalog';
import {
  type EventDraft,
  exportRegisterCsv,
  exportRegisterXlsx,
  listRegister as listRegisterRoute,
  type RegisterEntry,
} from '@fengcun/contracts';
import { actorOf, personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { onRecord } from '../evidence/item.ts';
import { contentDisposition } from '../issued-copy/content-disposition.ts';
import { defaultLimit, timesOf } from '../list-query.ts';
import { cellsOf, headings, type Style } from './cells.ts';
import { byteOrderMark, csvRecord } from './csv.ts';
import { supervisedUnits } from './supervised.ts';
import { type Column, columns, wordsOf } from './words.ts';
import { mostSheetLines, workbook } from './xlsx.ts';

/** Lines of an export that are read at once. */
const exportBatch = 500;

interface Query extends Omit<RegisterFilter, 'from' | 'to'> {
  readonly unit?: string;
  readonly from?: string;
  readonly to?: string;
}

/** 查阅登记簿: who looked at, played, took, asked for, decided about or was refused what. */
export function registerRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock, config } = access;

  const record = (draft: EventDraft) =>
    onRecord(catalog.transaction().execute((trx) => appendEvent(trx, draft, clock)));

  route(app, listRegisterRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...asked } = query;
    const scope = await supervisedUnits(access, personOf(request), asked.unit);
    const { items, next } = await listRegister(catalog, scope, filterOf(asked), { cursor, limit });
    await record({
      ...lookedAt(request),
      type: 'register.read',
      data: { filter: asked, lines: items.length, last: items.at(-1)?.event ?? null },
    });
    return { items: items.map(toEntry), next };
  });

  const begin = async (request: FastifyRequest, asked: Query, format: 'csv' | 'xlsx') => {
    const scope = await supervisedUnits(access, personOf(request), asked.unit);
    const upTo = await newestEvent(catalog);
    const filter = filterOf(asked);
    if (format === 'xlsx') {
      const lines = await countRegister(catalog, scope, filter, upTo, mostSheetLines + 1);
      if (lines > mostSheetLines) throw problem('too_many_lines');
    }
    await record({ ...lookedAt(request), type: 'register.exported', data: { filter: asked, format, upTo } });
    return (style: Style) => exported(scope, filter, upTo, style);
  };

  async function* exported(scope: UnitScope, filter: RegisterFilter, upTo: number, style: Style) {
    let cursor: string | undefined;
    do {
      const page = await listRegister(catalog, scope, filter, { cursor, limit: exportBatch }, upTo);
      for (const line of page.items) {
        const cells = cellsOf(line, style);
        yield columns.map((column) => cells[column]);
      }
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  const fileName = (style: Style, ending: string) =>
    `${wordsOf(style.language).register}-${clock.now().toISOString().slice(0, 10)}.${ending}`;

  route(app, exportRegisterCsv, async ({ query, request, reply }) => {
    const { language = 'zh-CN', ...asked } = query;
    const style = { language, timeZone: config.site.timeZone };
    const rows = (await begin(request, asked, 'csv'))(style);
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', contentDisposition(fileName(style, 'csv')))
      .header('cache-control', 'no-store')
      .send(Readable.from(csvOf(headings(language), rows)));
  });

  route(app, exportRegisterXlsx, async ({ query, request, reply }) => {
    const { language = 'zh-CN', ...asked } = query;
    const style = { language, timeZone: config.site.timeZone };
    const rows = (await begin(request, asked, 'xlsx'))(style);
    const name = wordsOf(language).register;
    return reply
      .type('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
      .header('content-disposition', contentDisposition(fileName(style, 'xlsx')))
      .header('cache-control', 'no-store')
      .send(
        workbook({ name, headings: headings(language), widths: columns.map((column) => sheetWidths[column]), rows }),
      );
  });
}

/** Characters, as spreadsheets count them: a Chinese one is two. */
const sheetWidths: Readonly<Record<Column, number>> = {
  event: 10,
  index: 10,
  at: 28,
  kind: 10,
  what: 22,
  person: 20,
  personUnit: 20,
  title: 48,
  item: 38,
  itemUnit: 20,
  purpose: 14,
  caseNumber: 36,
  request: 10,
  rule: 36,
  authorisation: 38,
  detail: 80,
  type: 26,
  ruleCode: 26,
};

const lookedAt = (request: FastifyRequest) =>
  ({ actor: actorOf(request.caller), subject: { kind: 'register', id: 'register' } }) as const;

function filterOf({ from, to, unit: _, ...filter }: Query): RegisterFilter {
  return { ...filter, ...timesOf({ from, to }) };
}

/** Personal values of the event stay beside the entry: the register shows them in their own fields. */
const toEntry = ({ openings: _, leafHash: __, ...entry }: RegisterLine): RegisterEntry => entry;

export async function* csvOf(
  heading: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): AsyncGenerator<string> {
  yield byteOrderMark + csvRecord(heading);
  for await (const cells of rows) yield csvRecord(cells);
}
