import { type EventType, eventWordsEn, eventWordsZh, thingWordsEn, thingWordsZh } from '@fengcun/contracts';
import type { Wording } from './text.ts';

/** The log's vocabulary in words. Those of events stand in contracts (`ledger/event-words.ts`): reports use them too. */
export const ledgerZh = {
  event: eventWordsZh,
  actor: thingWordsZh.actor,
  outcome: thingWordsZh.outcome,
  verdict: thingWordsZh.verdict,
} as const satisfies { event: Record<EventType, string> } & Record<string, unknown>;

export const ledgerEn: Wording<typeof ledgerZh> = {
  event: eventWordsEn,
  actor: thingWordsEn.actor,
  outcome: thingWordsEn.outcome,
  verdict: thingWordsEn.verdict,
};
