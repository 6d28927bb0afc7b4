import type { CallInput } from '@fengcun/contracts';

/** Cache keys, from the general to the particular, so that a change can be told to a whole family. */
export const keys = {
  site: ['site'],
  me: ['me'],
  overview: ['overview'],
  units: ['units'],
  devices: ['devices'],
  docks: ['docks'],
  uploads: ['uploads'],
  alarms: ['alarms'],
  offloads: ['offloads'],
  offloadList: (query: object) => ['offloads', 'list', query],
  offload: (id: string) => ['offloads', 'one', id],
  evidenceLists: ['evidence', 'list'],
  evidenceList: (query: CallInput<'listEvidence'>['query']) => ['evidence', 'list', query],
  latestEvidence: ['evidence', 'latest'],
  evidence: (id: string) => ['evidence', 'one', id],
  custody: (id: string) => ['evidence', 'one', id, 'custody'],
  receipt: (id: string) => ['evidence', 'one', id, 'receipt'],
  proof: (index: number) => ['ledger', 'proof', index],
  checkpoint: ['ledger', 'checkpoint'],
  ledgerKeys: ['ledger', 'keys'],
  verification: (id: string) => ['verification', id],
} as const;
