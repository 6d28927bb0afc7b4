import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, Instant, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const uploadStates = [
  'receiving',
  'received',
  'sealing',
  'sealed',
  'quarantined',
  'expired',
  'terminated',
] as const;
export const UploadState = Type.Enum([...uploadStates]);
export type UploadState = Static<typeof UploadState>;

/** An upload as the console shows it while it runs. */
export const UploadProgress = Type.Object({
  id: Uuid,
  name: Type.String(),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  offload: Nullable(Uuid),
  device: Nullable(Type.Object({ id: Uuid, serial: Type.String() })),
  /** null while a recording still being made has no length yet */
  size: Nullable(Bytes),
  offset: Bytes,
  state: UploadState,
  createdAt: Instant,
  receivedAt: Nullable(Instant),
});
export type UploadProgress = Static<typeof UploadProgress>;

export const listUploads = defineRoute({
  method: 'GET',
  path: '/api/uploads',
  summary: 'Uploads not yet sealed, newest first',
  tag: 'upload',
  rule: { who: 'person', roles: [] },
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(UploadProgress),
});
