import { acknowledgeAlarm, listAlarms } from './alarm/schema.ts';
import { listDevices } from './device/schema.ts';
import { createDock, enrolDock, listDocks, revokeDock } from './dock/schema.ts';
import {
  getCustody,
  getEvidence,
  getReceipt,
  getVerification,
  listEvidence,
  retryDerivative,
  startVerification,
} from './evidence/schema.ts';
import { explainGap, getOffload, listOffloads, openOffload } from './offload/schema.ts';
import { endPlay, getPicture, getPlayKey, getPlaylist, getSegment, startPlay } from './play/schema.ts';
import { signIn, signOut, whoAmI } from './session/schema.ts';
import { getOverview, getSite } from './site/schema.ts';
import { streamChanges } from './stream/schema.ts';
import { listUnits } from './unit/schema.ts';
import { listUploads } from './upload/schema.ts';

/** Every route under `/api`, by name: what the typed client calls and the OpenAPI document lists. */
export const api = {
  getSite,
  signIn,
  whoAmI,
  signOut,
  getOverview,
  listUnits,
  listDevices,
  listDocks,
  createDock,
  enrolDock,
  revokeDock,
  openOffload,
  getOffload,
  listOffloads,
  explainGap,
  listUploads,
  listEvidence,
  getEvidence,
  getReceipt,
  getCustody,
  startVerification,
  getVerification,
  retryDerivative,
  startPlay,
  endPlay,
  getPlaylist,
  getPlayKey,
  getSegment,
  getPicture,
  listAlarms,
  acknowledgeAlarm,
  streamChanges,
} as const;
export type Api = typeof api;
