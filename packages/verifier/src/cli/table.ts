import { styleText } from 'node:util';
import { printable } from '../report/printable.ts';
import type { Leg, Outcome, Report, Text, Verdict } from '../report/report.ts';
import type { Language } from './arguments.ts';
import { displayWidth, padEnd, wrap } from './display-width.ts';

export interface TableOptions {
  readonly language: Language;
  readonly colour: boolean;
  /** columns to wrap at; null: one line a leg, for pipes and files */
  readonly columns: number | null;
}

type Style = Parameters<typeof styleText>[0];

const OUTCOMES: Readonly<Record<Outcome, { mark: string; text: Text; style: Style }>> = {
  passed: { mark: '✓', text: { zh: '通过', en: 'passed' }, style: 'green' },
  failed: { mark: '✗', text: { zh: '不符', en: 'FAILED' }, style: ['red', 'bold'] },
  not_checked: { mark: '-', text: { zh: '未核验', en: 'not checked' }, style: 'yellow' },
};

const VERDICTS: Readonly<Record<Verdict, { text: Text; style: Style }>> = {
  holds: {
    text: {
      zh: '结论：成立。文件与封存时相同，封存记录在您信任的日志中。',
      en: 'Verdict: HOLDS. The file is as it was sealed, and the seal stands in a log you trust.',
    },
    style: ['green', 'bold'],
  },
  fails: {
    text: { zh: '结论：不成立。请看标为“不符”的各项。', en: 'Verdict: FAILS. See the legs marked FAILED.' },
    style: ['red', 'bold'],
  },
  incomplete: {
    text: {
      zh: '结论：未能完全核验。没有不符，但有应核验的项目未能核验。',
      en: 'Verdict: INCOMPLETE. Nothing failed, but something that matters could not be checked.',
    },
    style: ['yellow', 'bold'],
  },
};

const GET_KEYS: Text = {
  zh: '如何补全：向日志运营单位或其监督单位（不经回执、不经送来回执的人）索取日志公钥，存成文本文件，用 --keys 给出。',
  en: "To complete it: get the log's key from its operator or supervisor, not out of the receipt nor from whoever sent it, save it as a text file, and pass it with --keys.",
};

/** The report as text for a person, ending in a newline. */
export function renderReport(report: Report, file: string, receipt: string, options: TableOptions): string {
  const { language } = options;
  const paint = (style: Style, text: string): string =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const { text, style } = VERDICTS[report.verdict];
  const lines = [...headLines(report, file, receipt, language), '', ...legLines(report.legs, options, paint), ''];
  lines.push(
    ...(options.columns === null ? [text[language]] : wrap(text[language], options.columns)).map((line) =>
      paint(style, line),
    ),
  );
  if (
    report.legs.some(({ leg, outcome }) => leg === 'log_key' && outcome === 'not_checked') &&
    report.verdict === 'incomplete'
  ) {
    lines.push(...(options.columns === null ? [GET_KEYS[language]] : wrap(GET_KEYS[language], options.columns)));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function headLines({ subject }: Report, file: string, receipt: string, language: Language): string[] {
  const zh = language === 'zh';
  const rows: [string, string][] = [
    [zh ? '文件' : 'File', printable(file, 1000)],
    [zh ? '回执' : 'Receipt', printable(receipt, 1000)],
  ];
  if (subject) {
    const { evidence, name, sealedAt, log } = subject;
    rows.push([zh ? '证据' : 'Evidence', name === null ? evidence : `${evidence}  ${name}`]);
    rows.push([zh ? '封存于' : 'Sealed', sealedAt]);
    rows.push([zh ? '日志' : 'Log', `${log.origin}  #${log.index}`]);
  }
  const width = Math.max(...rows.map(([label]) => displayWidth(label)));
  return rows.map(([label, value]) => `${padEnd(label, width)}  ${value}`);
}

function legLines(
  legs: readonly Leg[],
  { language, columns }: TableOptions,
  paint: (style: Style, text: string) => string,
): string[] {
  const outcomeWidth = Math.max(...Object.values(OUTCOMES).map(({ text }) => displayWidth(text[language])));
  const titleWidth = Math.max(...legs.map(({ title }) => displayWidth(title[language])));
  const indent = 2 + outcomeWidth + 2 + titleWidth + 2;
  return legs.flatMap(({ outcome, title, detail }) => {
    const { mark, text, style } = OUTCOMES[outcome];
    const head = `${paint(style, `${mark} ${padEnd(text[language], outcomeWidth)}`)}  ${padEnd(title[language], titleWidth)}  `;
    const [first = '', ...rest] =
      columns === null ? [detail[language]] : wrap(detail[language], Math.max(24, columns - indent));
    return [`${head}${first}`, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
}
