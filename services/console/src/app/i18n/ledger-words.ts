import { type EventType, eventWordsEn, eventWordsZh } from '@fengcun/contracts';
import type { Wording } from './text.ts';

/** The log's vocabulary in words. Those of events stand in contracts (`ledger/event-words.ts`): reports use them too. */
export const ledgerZh = {
  event: eventWordsZh,
  actor: { account: '人员', dock: '采集站', system: '系统', anonymous: '未登录者' },
  outcome: { passed: '通过', failed: '未通过', not_checked: '未检查' },
  verdict: { holds: '完整，未被改动', fails: '校验未通过', incomplete: '未能全部检查' },
} as const satisfies { event: Record<EventType, string> } & Record<string, unknown>;

export const ledgerEn: Wording<typeof ledgerZh> = {
  event: eventWordsEn,
  actor: { account: 'Person', dock: 'Dock', system: 'System', anonymous: 'Not signed in' },
  outcome: { passed: 'Passed', failed: 'Failed', not_checked: 'Not checked' },
  verdict: { holds: 'Intact, unchanged', fails: 'Does not hold', incomplete: 'Not everything could be checked' },
};
