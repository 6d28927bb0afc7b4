import { Readable } from 'node:stream';
import {
  appendEvent,
  countHidden,
  type EvidenceRecord,
  findAccount,
  findDescription,
  type HistorySubject,
  latestCheckpoint,
  newestEvent,
  type RegisterLine,
  readHistory,
  type StoredCheckpoint,
} from '@fengcun/catalog';
import { reportItemCsv, reportItemPdf, reportPersonCsv, reportPersonPdf } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible, onRecord, requireAllowed } from '../evidence/item.ts';
import { contentDisposition } from '../issued-copy/content-disposition.ts';
import { timesOf } from '../list-query.ts';
import { cellsOf, headings, instantText, type Style } from './cells.ts';
import { findReportFont } from './find-font.ts';
import type { ReportHead, ReportLine } from './pdf-layout.ts';
import { pdfReport } from './pdf-report.ts';
import { csvOf } from './routes.ts';
import { supervisedUnits } from './supervised.ts';
import { type Column, columns, type Language, wordsOf } from './words.ts';

interface Asked {
  readonly from?: string;
  readonly to?: string;
  readonly language?: Language;
}

/** What a report is about, as far as its first page and its file name say. */
interface Reported {
  readonly subject: HistorySubject;
  readonly heading: (style: Style) => string;
  readonly facts: (style: Style) => readonly (readonly [string, string])[];
  readonly name: string;
  /** its lines show this column no more than its head does */
  readonly without: Column;
}

/** Audit reports: everything that happened to an item, or that a person did, as the log has it. */
export function reportRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock, config } = access;

  const itemReported = async (request: FastifyRequest, id: string): Promise<Reported> => {
    const record = await findVisible(access, request, id);
    await requireAllowed(access, request, 'read_register', record);
    const { title } = await findDescription(catalog, id);
    return {
      subject: { kind: 'evidence', id },
      heading: (style) => wordsOf(style.language).itemReport,
      facts: (style) => itemFacts(record, title, style),
      name: id,
      without: 'item',
    };
  };

  const personReported = async (request: FastifyRequest, id: string): Promise<Reported> => {
    const scope = await supervisedUnits(access, personOf(request));
    const account = await findAccount(catalog, id, scope.units, clock.now());
    if (!account) {
      await recordDenial(request, { code: 'not_found', subject: { kind: 'account', id } });
      throw problem('not_found');
    }
    return {
      subject: { kind: 'account', id, scope },
      heading: (style) => wordsOf(style.language).personReport,
      facts: ({ language }) => {
        const words = wordsOf(language);
        const { person, unit, officer, id: idWord } = { ...words.columns, ...words };
        return [
          [person, account.name],
          [officer, account.officerNumber ?? '—'],
          [unit, account.unit.name],
          [idWord, account.id],
        ];
      },
      name: account.name,
      without: 'person',
    };
  };

  /** Puts the report on record, then gives its lines: over the events up to that moment, with the checkpoint that proves them. */
  const begin = async (request: FastifyRequest, reported: Reported, format: 'csv' | 'pdf', asked: Asked) => {
    const checkpoint = await latestCheckpoint(catalog);
    const upTo = await newestEvent(catalog);
    const { from = null, to = null } = asked;
    const { kind, id } = reported.subject;
    const draft = {
      type: 'report.made',
      actor: actorOf(request.caller),
      subject: { kind, id },
      data: { format, from, to, upTo },
    } as const;
    await onRecord(catalog.transaction().execute((trx) => appendEvent(trx, draft, clock)));
    const range = { upTo, ...timesOf(asked) };
    const { subject } = reported;
    const hidden = subject.kind === 'account' ? await countHidden(catalog, subject, range) : 0;
    return { checkpoint, lines: readHistory(catalog, subject, range), hidden };
  };

  const sendCsv = async (request: FastifyRequest, reply: FastifyReply, reported: Reported, asked: Asked) => {
    const style = { language: asked.language ?? 'zh-CN', timeZone: config.site.timeZone };
    const { lines } = await begin(request, reported, 'csv', asked);
    describeFile(reply, 'text/csv; charset=utf-8', reported, style, 'csv');
    return reply.send(Readable.from(csvOf(headings(style.language), rowsOf(lines, style))));
  };

  const sendPdf = async (request: FastifyRequest, reply: FastifyReply, reported: Reported, asked: Asked) => {
    const style = { language: asked.language ?? 'zh-CN', timeZone: config.site.timeZone };
    const font = await findReportFont(config.cjkFont);
    if (!font) throw problem('no_cjk_font');
    const { checkpoint, lines, hidden } = await begin(request, reported, 'pdf', asked);
    const now = clock.now();
    const words = wordsOf(style.language);
    const range = (instant: string | undefined) => (instant ? instantText(instant, style.timeZone) : words.whole);
    const head: ReportHead = {
      heading: reported.heading(style),
      facts: [
        ...reported.facts(style),
        [words.range, `${range(asked.from)} — ${range(asked.to)}`],
        [words.site, `${config.site.name} (${config.site.logOrigin})`],
        [words.madeBy, personOf(request).account.name],
        [words.madeAt, instantText(now.toISOString(), style.timeZone)],
        [words.checkpoint, checkpoint ? checkpointText(checkpoint, style) : '—'],
      ],
      notes: checkpoint ? [words.howToCheck, words.notCovered] : [words.noCheckpoint],
      columns: pdfColumns(reported.without, style.language),
      language: style.language,
    };
    describeFile(reply, 'application/pdf', reported, style, 'pdf');
    const batches = pdfLines(lines, reported.without, checkpoint, style);
    const ending = () => (hidden > 0 ? [words.hidden(hidden)] : []);
    return reply.send(
      Readable.from(pdfReport({ head, font, language: style.language, now }, batches, ending), { objectMode: false }),
    );
  };

  const describeFile = (reply: FastifyReply, type: string, reported: Reported, style: Style, ending: string) => {
    const day = clock.now().toISOString().slice(0, 10);
    const name = `${reported.heading(style)}-${reported.name}-${day}.${ending}`;
    reply.type(type).header('content-disposition', contentDisposition(name)).header('cache-control', 'no-store');
  };

  route(app, reportItemPdf, async ({ params, query, request, reply }) =>
    sendPdf(request, reply, await itemReported(request, params.id), query),
  );
  route(app, reportItemCsv, async ({ params, query, request, reply }) =>
    sendCsv(request, reply, await itemReported(request, params.id), query),
  );
  route(app, reportPersonPdf, async ({ params, query, request, reply }) =>
    sendPdf(request, reply, await personReported(request, params.id), query),
  );
  route(app, reportPersonCsv, async ({ params, query, request, reply }) =>
    sendCsv(request, reply, await personReported(request, params.id), query),
  );
}

function itemFacts(record: EvidenceRecord, title: string | null, { language }: Style): [string, string][] {
  const words = wordsOf(language);
  return [
    [words.nowTitle, title ?? record.name],
    [words.title, record.name],
    [words.id, record.id],
    [words.unit, record.unit_name],
    [words.sha256, record.sha256.toString('hex')],
    [words.sm3, record.sm3.toString('hex')],
  ];
}

const checkpointText = ({ size, root, signedAt }: StoredCheckpoint, { timeZone }: Style) =>
  `${size} · ${root.toString('base64')} · ${instantText(signedAt.toISOString(), timeZone)}`;

async function* rowsOf(lines: AsyncIterable<readonly RegisterLine[]>, style: Style): AsyncGenerator<string[]> {
  for await (const batch of lines) {
    for (const line of batch) {
      const cells = cellsOf(line, style);
      yield columns.map((column) => cells[column]);
    }
  }
}

/** Points; they add up to the width of an A4 page, landscape, without its margins. */
const widths: readonly (readonly [Column, number])[] = [
  ['index', 44],
  ['at', 104],
  ['what', 76],
  ['person', 72],
  ['title', 116],
  ['purpose', 56],
  ['rule', 80],
  ['detail', 222],
];

function pdfColumns(without: Column, language: Language) {
  const words = wordsOf(language).columns;
  const shown = widths.filter(([column]) => column !== without);
  const spare = widths.reduce((sum, [, width]) => sum + width, 0) - shown.reduce((sum, [, width]) => sum + width, 0);
  return shown.map(([column, width]) => ({
    heading: words[column],
    width: column === 'detail' ? width + spare : width,
  }));
}

/** Below each line stands what it can be checked and looked up by. */
async function* pdfLines(
  lines: AsyncIterable<readonly RegisterLine[]>,
  without: Column,
  checkpoint: StoredCheckpoint | undefined,
  style: Style,
): AsyncGenerator<readonly ReportLine[]> {
  const words = wordsOf(style.language).columns;
  const shown = widths.map(([column]) => column).filter((column) => column !== without);
  for await (const batch of lines) {
    yield batch.map((line) => {
      const cells = cellsOf(line, style);
      const covered = line.index !== null && checkpoint !== undefined && line.index < checkpoint.size;
      const below = [
        `${words.event} ${cells.event}`,
        ...(line.leafHash === null ? [] : [`${wordsOf(style.language).leaf} ${line.leafHash}`]),
        ...(['request', 'caseNumber', 'authorisation', ...(without === 'item' ? [] : ['item', 'itemUnit'])] as const)
          .map((column) => [column, cells[column as Column]] as const)
          .filter(([, cell]) => cell !== '')
          .map(([column, cell]) => `${words[column as Column]} ${cell}`),
      ];
      return {
        cells: shown.map((column) => (column === 'index' && !covered ? `${cells[column]} *` : cells[column])),
        below: below.join('   '),
      };
    });
  }
}
