import { legWords } from '../finding/leg-words.ts';
import { problemSentencesEn, problemSentencesZh } from '../http/problem-words.ts';
import { routeWords } from '../http/route-words.ts';
import { policyWordsEn, policyWordsZh } from '../policy/words.ts';
import { thingWordsEn, thingWordsZh } from './thing-words.ts';

type Language = 'zh' | 'en';
type Dictionary = Readonly<Record<string, string>>;
/** One kind of value in both languages. */
type Pair = Readonly<Record<Language, Dictionary>>;

const policy = (key: 'purpose' | 'operation' | 'rule'): Pair => ({ zh: policyWordsZh[key], en: policyWordsEn[key] });
const thing = (key: keyof typeof thingWordsZh): Pair => ({ zh: thingWordsZh[key], en: thingWordsEn[key] });
const both = (...pairs: readonly Pair[]): Pair => ({
  zh: Object.assign({}, ...pairs.map(({ zh }) => zh)) as Dictionary,
  en: Object.assign({}, ...pairs.map(({ en }) => en)) as Dictionary,
});

const problems: Pair = { zh: problemSentencesZh, en: problemSentencesEn };
const rules = both(policy('rule'), thing('cause'));
const answers = both(rules, thing('refusal'), problems);
const services = thing('service');

/** What the values of a field of an event's data are called; `kind` and its like mean something else in each event. */
const byField: Readonly<Record<string, Pair>> = {
  rule: rules,
  rules,
  added: rules,
  removed: rules,
  changed: rules,
  purpose: policy('purpose'),
  operation: policy('operation'),
  operations: policy('operation'),
  role: thing('role'),
  roles: thing('role'),
  needed: thing('role'),
  open: thing('role'),
  verdict: both(thing('verdict'), thing('decision')),
  outcome: thing('outcome'),
  cause: thing('cause'),
  mark: thing('mark'),
  factor: thing('factor'),
  by: thing('linkedBy'),
  via: thing('via'),
  pending: thing('signInStep'),
  scopes: thing('scope'),
  secondFactor: thing('secondFactor'),
  protection: thing('protection'),
  mode: thing('lockMode'),
  driver: thing('driver'),
  vault: thing('vault'),
  level: thing('matterLevel'),
  leg: { zh: legWords.zh, en: legWords.en },
  code: both(problems, thing('quarantine'), thing('refusal')),
  format: thing('format'),
  route: routeWords,
};

const byEvent: Readonly<Record<string, Pair>> = {
  'evidence.sealed/kind': thing('mediaKind'),
  'evidence.quarantined/kind': thing('mediaKind'),
  'retention_default.saved/kind': thing('mediaKind'),
  'device.registered/kind': thing('deviceKind'),
  'device.changed/kind': thing('deviceKind'),
  'device.registered/state': thing('deviceState'),
  'device.state_changed/state': thing('deviceState'),
  'device.state_changed/was': thing('deviceState'),
  'sign_in_policy.changed/was': thing('secondFactor'),
  'case.opened/kind': thing('caseKind'),
  'case.changed/kind': thing('caseKind'),
  'case.changed/state': thing('caseState'),
  'alarm.raised/kind': both(thing('subject'), thing('alarmKind')),
  'register.read/kind': thing('registerKind'),
  'register.exported/kind': thing('registerKind'),
  'request.submitted/kind': both(thing('requestKind'), thing('applicantKind')),
  'request.attachment_read/kind': thing('attachmentKind'),
  'derivative.retried/kind': thing('derivative'),
  'redaction.saved/kind': thing('redactionMark'),
  'redaction.saved/reason': thing('redactionReason'),
  'copy.repaired/from': thing('vault'),
  'webhook.created/kinds': thing('notification'),
  'webhook.changed/kinds': thing('notification'),
};

/** A value of an event's data in the reader's words; one that is no code (a name, a number, an id) as it stands. */
export function valueWord(type: string, field: string, value: string, language: Language): string {
  return wordIn(byEvent[`${type}/${field}`] ?? byField[field], value, language);
}

/** The rule behind an answer: a row of the matrix, or a fixed condition. */
export function ruleWord(rule: string, language: Language): string {
  return wordIn(answers, rule, language);
}

/** A part of the system that acts by itself, as an event's actor. */
export function serviceWord(service: string, language: Language): string {
  return wordIn(services, service, language);
}

function wordIn(pair: Pair | undefined, value: string, language: Language): string {
  const words = pair?.[language];
  return words !== undefined && Object.hasOwn(words, value) ? (words[value] ?? value) : value;
}
