import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Sha256Hex, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { Purpose } from '../policy/schema.ts';

const viewers = { who: 'person', roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] } as const;
/** What makes or hands out footage asks more of a personal access token than reading about it does. */
const takers = { ...viewers, scope: 'footage' } as const;

/** Operations by which something leaves the house. `publish` is made of an approved redacted version and of nothing else. */
export const copyOperations = ['download_proxy', 'disclose', 'download_original', 'package', 'publish'] as const;
export const CopyOperation = Type.Enum([...copyOperations]);
export type CopyOperation = Static<typeof CopyOperation>;

/**
 * What a copy is. `burnt`: encoded anew with viewer or recipient, time, event number and item in the picture. `bag`: a BagIt bag (RFC 8493)
 * in a ZIP file with the unaltered original, its receipt, the log's keys and how to verify it offline. `redacted`: the approved rendering of a
 * redacted version, byte for byte, so that its SHA-256 is the one in the log; nobody's name is in it.
 */
export const copyForms = ['burnt', 'bag', 'redacted'] as const;
/** The one form of each operation: an original leaves only inside a bag, with its receipt. */
export const formOfOperation: Readonly<Record<CopyOperation, (typeof copyForms)[number]>> = {
  download_proxy: 'burnt',
  disclose: 'burnt',
  download_original: 'bag',
  package: 'bag',
  publish: 'redacted',
};

/**
 * Where the mark is. `picture`: in every frame. `metadata`: sound has no picture, so the mark is in the file's own tags, and whoever wants
 * to can remove it. `none`: a bag carries the original as it is.
 */
export const copyMarks = ['picture', 'metadata', 'none'] as const;

/**
 * `pending`: waits for a worker. `making`: `percent` grows. `ready`: may be downloaded until `expiresAt`. `failed`: `reason` says why.
 * `cancelled`: by its requester, or because the right to it was taken away. `removed`: its time is over and the vault is rid of it.
 */
export const issuedCopyStates = ['pending', 'making', 'ready', 'failed', 'cancelled', 'removed'] as const;
export const IssuedCopyState = Type.Enum([...issuedCopyStates]);
export type IssuedCopyState = Static<typeof IssuedCopyState>;

/** Why a copy failed, closed. */
export const copyFailures = [
  /** no font with Chinese characters on the worker's machine */
  'no_cjk_font',
  /** the recording cannot be decoded */
  'media_failed',
  /** the tool took too long or wrote too much */
  'media_bounds',
  /** the vault does not give the original as it was sealed */
  'original_unreadable',
  /** the original's digest is no longer the sealed one: an alarm is raised */
  'original_differs',
  /** the vault or the scratch disk is full or broken */
  'storage_failed',
  /** attempt after attempt came to no end */
  'gave_up',
  /** the redacted version was withdrawn, or the vault does not give it as it was approved */
  'redaction_unusable',
] as const;
export type CopyFailure = (typeof copyFailures)[number];

/** A copy that leaves the house: asked for, made by a worker, downloaded, and removed when its time is over. */
export const IssuedCopy = Type.Object({
  id: Uuid,
  evidence: Uuid,
  /** the item's name as it was when the copy was asked for */
  evidenceName: Type.String(),
  operation: CopyOperation,
  form: Type.Enum([...copyForms]),
  mark: Type.Enum([...copyMarks]),
  state: IssuedCopyState,
  /** 0..100, never going down within one attempt */
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  /** for `failed` */
  reason: Nullable(Type.Enum([...copyFailures])),
  /** a sentence for a person, for `failed` */
  detail: Nullable(Type.String()),
  ...findingsField,
  /** whose name is burnt in, besides the requester's: to whom it is disclosed */
  recipient: Nullable(Type.String()),
  purpose: Nullable(Purpose),
  /** for `publish`: the rendering it is made of */
  render: Nullable(Uuid),
  /** row of the matrix that allowed it */
  rule: Type.String(),
  /** grant that allowed it */
  authorisation: Nullable(Uuid),
  /** number of the committed event of its request: it is in the picture */
  event: Type.String(),
  createdAt: Instant,
  readyAt: Nullable(Instant),
  /** until when it may be downloaded */
  expiresAt: Nullable(Instant),
  file: Nullable(
    Type.Object({
      name: Type.String(),
      mediaType: Type.String(),
      size: Bytes,
      sha256: Sha256Hex,
      /** GET: the bytes */
      content: Type.String(),
    }),
  ),
  /** downloads begun so far */
  downloads: Type.Integer({ minimum: 0 }),
});
export type IssuedCopy = Static<typeof IssuedCopy>;

export const startCopy = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/copies',
  summary: 'Ask for a copy that leaves the house; the same clientId again answers the same copy',
  tag: 'copy',
  rule: takers,
  params: IdParams,
  body: Type.Object(
    {
      operation: CopyOperation,
      /** required where the row that allows it asks for one */
      purpose: Type.Optional(Purpose),
      /** required for `disclose`: to whom it is given, burnt into the picture */
      recipient: Type.Optional(Line(60)),
      /** for `publish`: which redacted version; absent: the one approved last */
      redaction: Type.Optional(Uuid),
      clientId: Type.Optional(Uuid),
    },
    { additionalProperties: false },
  ),
  reply: IssuedCopy,
  status: 202,
  problems: [
    'not_found',
    'denied',
    'approval_required',
    'purpose_required',
    'recipient_required',
    'client_id_used',
    'not_recorded',
    'log_behind',
    'nothing_to_copy',
    'no_approved_redaction',
    'proxy_pending',
    'receipt_pending',
    'not_sealed',
    'too_many_copies',
  ],
});

export const listItemCopies = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/copies',
  summary: "The caller's own copies of an item, newest first",
  tag: 'copy',
  rule: viewers,
  params: IdParams,
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(IssuedCopy),
  problems: ['not_found', 'cursor_invalid'],
});

export const listCopies = defineRoute({
  method: 'GET',
  path: '/api/copies',
  summary: "The caller's own copies, newest first",
  tag: 'copy',
  rule: viewers,
  query: Type.Object({ ...pageQuery, state: Type.Optional(IssuedCopyState) }, { additionalProperties: false }),
  reply: Page(IssuedCopy),
  problems: ['cursor_invalid'],
});

export const getCopy = defineRoute({
  method: 'GET',
  path: '/api/copies/:id',
  summary: 'Progress and result of a copy of the caller’s own',
  tag: 'copy',
  rule: viewers,
  params: IdParams,
  reply: IssuedCopy,
  problems: ['not_found'],
});

export const cancelCopy = defineRoute({
  method: 'POST',
  path: '/api/copies/:id/cancel',
  summary: 'Give a copy up: its making stops, and what was made is removed; again changes nothing',
  tag: 'copy',
  rule: viewers,
  params: IdParams,
  reply: IssuedCopy,
  problems: ['not_found', 'copy_over', 'not_recorded'],
});

/**
 * HEAD is answered too, and is no download. A download's ledger event is committed before its first byte; requests with a `Range` that
 * begins past the first byte, by the same sign-in within half an hour of the last byte, continue it and are no new event. One range is
 * answered with 206, several with the whole (RFC 9110, section 14.2). `Repr-Digest` is always of the whole file.
 */
export const getCopyContent = defineRoute({
  method: 'GET',
  path: '/api/copies/:id/content',
  summary: 'The bytes of a copy that is ready; recorded before the first one',
  tag: 'copy',
  rule: takers,
  params: IdParams,
  media: 'application/octet-stream',
  problems: [
    'not_found',
    'denied',
    'approval_required',
    'copy_not_ready',
    'copy_over',
    'range_not_satisfiable',
    'not_recorded',
    'log_behind',
  ],
});
