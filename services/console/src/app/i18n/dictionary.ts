import { registerEn, registerZh } from '../../access/register/text.ts';
import { accessEn, accessZh } from '../../access/text.ts';
import { policyEn, policyZh } from '../../access/words.ts';
import { accountEn, accountZh } from '../../account/text.ts';
import { devicesEn, devicesZh } from '../../admin/devices/text.ts';
import { adminEn, adminZh } from '../../admin/text.ts';
import { casesEn, casesZh } from '../../cases/text.ts';
import { copiesEn, copiesZh } from '../../copies/text.ts';
import { deskEn, deskZh } from '../../desk/text.ts';
import { describeEn, describeZh } from '../../evidence/describe/text.ts';
import { evidenceEn, evidenceZh } from '../../evidence/text.ts';
import { ingestEn, ingestZh } from '../../ingest/text.ts';
import { integrityEn, integrityZh } from '../../integrity/text.ts';
import { notificationsEn, notificationsZh } from '../../notifications/text.ts';
import { playerEn, playerZh } from '../../player/text.ts';
import { redactionEn, redactionZh } from '../../redaction/text.ts';
import { retentionEn, retentionZh } from '../../retention/text.ts';
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
  access: accessZh,
  policy: policyZh,
  account: accountZh,
  notifications: notificationsZh,
  admin: adminZh,
  cases: casesZh,
  devices: devicesZh,
  evidence: evidenceZh,
  describe: describeZh,
  register: registerZh,
  retention: retentionZh,
  redaction: redactionZh,
  player: playerZh,
  copies: copiesZh,
  ingest: ingestZh,
  integrity: integrityZh,
} as const;

export const en: Wording<typeof zh> = {
  common: commonEn,
  problem: problemEn,
  ledger: ledgerEn,
  signIn: signInEn,
  desk: deskEn,
  access: accessEn,
  policy: policyEn,
  account: accountEn,
  notifications: notificationsEn,
  admin: adminEn,
  cases: casesEn,
  devices: devicesEn,
  evidence: evidenceEn,
  describe: describeEn,
  register: registerEn,
  retention: retentionEn,
  redaction: redactionEn,
  player: playerEn,
  copies: copiesEn,
  ingest: ingestEn,
  integrity: integrityEn,
};
