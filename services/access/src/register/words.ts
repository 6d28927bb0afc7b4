import {
  type EventType,
  eventWordsEn,
  eventWordsZh,
  policyWordsEn,
  policyWordsZh,
  type RegisterKind,
  thingWordsEn,
  thingWordsZh,
} from '@fengcun/contracts';

export type Language = 'zh-CN' | 'en';

interface Words {
  readonly kinds: Readonly<Record<RegisterKind, string>>;
  readonly actors: Readonly<Record<'account' | 'dock' | 'system' | 'anonymous', string>>;
  readonly purposes: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<Column, string>>;
  readonly register: string;
  readonly itemReport: string;
  readonly personReport: string;
  readonly title: string;
  readonly nowTitle: string;
  readonly id: string;
  readonly unit: string;
  readonly officer: string;
  readonly sha256: string;
  readonly sm3: string;
  readonly range: string;
  readonly whole: string;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly site: string;
  readonly checkpoint: string;
  readonly noCheckpoint: string;
  readonly notCovered: string;
  readonly howToCheck: string;
  /** what stands before the number of pages, which is known at the end only, and what stands behind it */
  readonly page: (n: number) => string;
  readonly pages: (total: number) => string;
  readonly end: (lines: number, pages: number) => string;
  readonly hidden: (lines: number) => string;
  readonly notInLog: string;
  readonly leaf: string;
  readonly yes: string;
  readonly no: string;
}

/** Columns of the register and of reports, in this order. The last two are codes, which mean the same in every language: for programs. */
export const columns = [
  'event',
  'index',
  'at',
  'kind',
  'what',
  'person',
  'personUnit',
  'title',
  'item',
  'itemUnit',
  'purpose',
  'caseNumber',
  'request',
  'rule',
  'authorisation',
  'detail',
  'type',
  'ruleCode',
] as const;
export type Column = (typeof columns)[number];

const zh: Words = {
  kinds: thingWordsZh.registerKind,
  actors: thingWordsZh.actor,
  purposes: policyWordsZh.purpose,
  columns: {
    event: '事件号',
    index: '日志序号',
    at: '时间',
    kind: '类别',
    what: '事项',
    person: '人员',
    personUnit: '人员单位',
    title: '证据名称（当时）',
    item: '证据编号',
    itemUnit: '证据单位',
    purpose: '用途',
    caseNumber: '案号',
    request: '调阅编号',
    rule: '依据规则',
    authorisation: '授权',
    detail: '详情',
    type: '事项代码',
    ruleCode: '规则代码',
  },
  register: '查阅登记簿',
  itemReport: '证据审计报告',
  personReport: '人员审计报告',
  title: '封存时名称',
  nowTitle: '现名称',
  id: '编号',
  unit: '单位',
  officer: '警号',
  sha256: 'SHA-256',
  sm3: 'SM3',
  range: '起止时间',
  whole: '全部',
  madeBy: '生成人',
  madeAt: '生成时间',
  site: '站点',
  checkpoint: '日志检查点',
  noCheckpoint: '尚无已签名的检查点：下列各行均未核对。',
  notCovered: '带 * 的行在检查点之后，此检查点不能证明；待其入日志后可再核对。',
  howToCheck:
    '核对方法：取 /ledger/proof/<日志序号>，以日志公钥验证检查点，再验证包含证明；叶散列应与本行一致。名称与人员为事件发生时日志所载，由盐值承诺打开。',
  page: (n) => `第 ${n} 页，共`,
  pages: (total) => ` ${total} 页`,
  end: (lines, pages) => `— 报告完：共 ${lines} 行，${pages} 页 —`,
  hidden: (lines) => `另有 ${lines} 行涉及其他单位的证据，不在生成人可见范围内，未列出。`,
  notInLog: '未入日志',
  leaf: '叶散列',
  yes: '是',
  no: '否',
};

const en: Words = {
  kinds: thingWordsEn.registerKind,
  actors: thingWordsEn.actor,
  purposes: policyWordsEn.purpose,
  columns: {
    event: 'Event',
    index: 'Log index',
    at: 'Time',
    kind: 'Kind',
    what: 'What',
    person: 'Person',
    personUnit: "Person's unit",
    title: 'Item (as called then)',
    item: 'Item id',
    itemUnit: "Item's unit",
    purpose: 'Purpose',
    caseNumber: 'Case',
    request: 'Request',
    rule: 'Rule',
    authorisation: 'Authorisation',
    detail: 'Detail',
    type: 'Event code',
    ruleCode: 'Rule code',
  },
  register: 'Register of access',
  itemReport: 'Audit report of an item',
  personReport: 'Audit report of a person',
  title: 'Name when sealed',
  nowTitle: 'Called now',
  id: 'Id',
  unit: 'Unit',
  officer: 'Officer number',
  sha256: 'SHA-256',
  sm3: 'SM3',
  range: 'Period',
  whole: 'all',
  madeBy: 'Made by',
  madeAt: 'Made at',
  site: 'Site',
  checkpoint: 'Log checkpoint',
  noCheckpoint: 'There is no signed checkpoint yet: none of the lines below could be checked.',
  notCovered: 'Lines with * are after the checkpoint, which does not prove them; check them once the log has them.',
  howToCheck:
    'To check a line: fetch /ledger/proof/<log index>, verify the checkpoint with the key of the log, then the inclusion proof; the leaf hash stands below each line. Names are those the log held at the time, opened from their salted commitments.',
  page: (n) => `Page ${n} of`,
  pages: (total) => ` ${total}`,
  end: (lines, pages) => `— End of the report: ${lines} lines, ${pages} pages —`,
  hidden: (lines) =>
    `${lines} more lines are about items of units beyond the reach of whoever made this, and are left out.`,
  notInLog: 'not in the log yet',
  leaf: 'leaf',
  yes: 'yes',
  no: 'no',
};

export const wordsOf = (language: Language): Words => (language === 'en' ? en : zh);

/** An event's type in words; one that this version does not know, as it stands in the log. */
export function eventWord(type: string, language: Language): string {
  const words: Readonly<Record<string, string>> = language === 'en' ? eventWordsEn : eventWordsZh;
  return words[type as EventType] ?? type;
}
