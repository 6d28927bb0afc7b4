import { deskEn, deskZh } from '../../desk/text.ts';
import { evidenceEn, evidenceZh } from '../../evidence/text.ts';
import { ingestEn, ingestZh } from '../../ingest/text.ts';
import { integrityEn, integrityZh } from '../../integrity/text.ts';
import { playerEn, playerZh } from '../../player/text.ts';
import { signInEn, signInZh } from '../../sign-in/text.ts';
import { problemEn, problemZh } from '../api/text.ts';
import { commonEn, commonZh } from './common.ts';
import { ledgerEn, ledgerZh } from './ledger-words.ts';
import type { Wording } from './text.ts';

/** Every text of the console. Each feature keeps its own words; Chinese is the original, English has to follow it key by key. */
export const zh = {
  common: commonZh,
  problem: problemZh,
  ledger: ledgerZh,
  signIn: signInZh,
  desk: deskZh,
  evidence: evidenceZh,
  player: playerZh,
  ingest: ingestZh,
  integrity: integrityZh,
} as const;

export const en: Wording<typeof zh> = {
  common: commonEn,
  problem: problemEn,
  ledger: ledgerEn,
  signIn: signInEn,
  desk: deskEn,
  evidence: evidenceEn,
  player: playerEn,
  ingest: ingestEn,
  integrity: integrityEn,
};
