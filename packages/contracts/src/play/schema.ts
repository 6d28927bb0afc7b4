import { type Static, Type } from 'typebox';
import { IdParams, Instant, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { Purpose } from '../policy/schema.ts';

const viewers = {
  who: 'person',
  roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'],
  scope: 'footage',
} as const;

/** A sheet of small pictures along the recording, and where on it each one lies (pixels), in time order. */
export const TimelinePictures = Type.Object({
  sprite: Type.String(),
  tiles: Type.Array(
    Type.Object({
      startMs: Type.Integer(),
      x: Type.Integer(),
      y: Type.Integer(),
      w: Type.Integer(),
      h: Type.Integer(),
    }),
  ),
});
export type TimelinePictures = Static<typeof TimelinePictures>;

/** One session of play. It exists only after its ledger event is committed: no record, no byte. */
export const Play = Type.Object({
  id: Uuid,
  evidence: Uuid,
  /** number of the committed event, shown in the player's overlay */
  event: Type.String(),
  startedAt: Instant,
  expiresAt: Instant,
  /** null: it is a still picture */
  playlist: Nullable(Type.String()),
  /** of a still picture: where it is, and how large it is, upright, in pixels; null: it is a recording */
  still: Nullable(Type.Object({ uri: Type.String(), width: Type.Integer(), height: Type.Integer() })),
  poster: Nullable(Type.String()),
  /** for the timeline; absent or null when there are none */
  thumbnails: Type.Optional(Nullable(TimelinePictures)),
  viewer: Type.String(),
  purpose: Nullable(Purpose),
  /** grant under which it plays; revoking it ends the play within one segment */
  authorisation: Nullable(Uuid),
});
export type Play = Static<typeof Play>;

export const startPlay = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/plays',
  summary: 'Begin a session of play; recorded before the first byte',
  tag: 'play',
  rule: viewers,
  params: IdParams,
  body: Type.Object(
    {
      /** what it is watched for; required where `actions.play.purposes` of the item is not empty */
      purpose: Type.Optional(Purpose),
    },
    { additionalProperties: false },
  ),
  reply: Play,
  status: 201,
  problems: [
    'not_found',
    'denied',
    'approval_required',
    'purpose_required',
    'not_recorded',
    'log_behind',
    'nothing_to_play',
    'proxy_pending',
  ],
});

export const endPlay = defineRoute({
  method: 'POST',
  path: '/api/plays/:id/end',
  summary: 'End a session of play with what was watched',
  tag: 'play',
  rule: viewers,
  params: IdParams,
  body: Type.Object(
    {
      /** watched ranges of the recording, ms, half-open */
      watched: Type.Array(
        Type.Object(
          { from: Type.Integer({ minimum: 0 }), to: Type.Integer({ minimum: 0 }) },
          { additionalProperties: false },
        ),
        { maxItems: 1000 },
      ),
    },
    { additionalProperties: false },
  ),
  problems: ['not_found'],
});

export const getPlaylist = defineRoute({
  method: 'GET',
  path: '/api/plays/:id/index.m3u8',
  summary: 'HLS playlist of the play session',
  tag: 'play',
  rule: viewers,
  params: IdParams,
  media: 'application/vnd.apple.mpegurl',
  problems: ['not_found', 'play_over', 'not_recorded', 'log_behind'],
});

export const getPlayKey = defineRoute({
  method: 'GET',
  path: '/api/plays/:id/key',
  summary: 'AES-128 key of the segments, only while the session of play lives',
  tag: 'play',
  rule: viewers,
  params: IdParams,
  media: 'application/octet-stream',
  problems: ['not_found', 'play_over', 'not_recorded', 'log_behind'],
});

export const getSegment = defineRoute({
  method: 'GET',
  path: '/api/plays/:id/segments/:segment',
  summary: 'One encrypted segment: `init.mp4`, or its number with `.m4s`',
  tag: 'play',
  rule: viewers,
  params: Type.Object({ id: Uuid, segment: Type.String({ pattern: '^(init\\.mp4|(0|[1-9][0-9]{0,5})\\.m4s)$' }) }),
  media: 'video/mp4',
  problems: ['not_found', 'play_over', 'not_recorded', 'log_behind'],
});

export const getPicture = defineRoute({
  method: 'GET',
  path: '/api/plays/:id/pictures/:picture',
  summary: 'Poster, thumbnails or waveform of the recording being played, or the still picture itself',
  tag: 'play',
  rule: viewers,
  params: Type.Object({ id: Uuid, picture: Type.Enum(['poster', 'thumbnails', 'waveform', 'still']) }),
  media: 'application/octet-stream',
  problems: ['not_found', 'play_over', 'not_recorded', 'log_behind'],
});
