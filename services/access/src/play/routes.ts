import { Readable } from 'node:stream';
import {
  describeDerivatives,
  findPlayableRender,
  findProxyKey,
  findReadyDerivative,
  type PlayRecord,
  type ReadyDerivative,
} from '@fengcun/catalog';
import {
  endPlay,
  getPicture,
  getPlayKey,
  getPlaylist,
  getSegment,
  startPlay,
  TimelinePictures,
} from '@fengcun/contracts';
import { personOf } from '@fengcun/identity';
import type { ProxyIndex } from '@fengcun/media';
import { renderPlaylist } from '@fengcun/media/playlist';
import { route } from '@fengcun/runtime';
import { type ByteRange, type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Value } from 'typebox/value';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible, requireAllowed } from '../evidence/item.ts';
import type { LedgerGate } from '../ledger/gate.ts';
import { beginPlay } from './begin-play.ts';
import type { Plays } from './plays.ts';
import type { ProxyCopy } from './proxy-copy.ts';
import { decryptStill, stillOf } from './still.ts';

/** Segments may lie in the viewer's own cache, encrypted; without the key, which may not, they are noise. */
const privately = 'private, max-age=600';

/** With extensions, because many players go by them. */
const initName = 'init.mp4';

export function playRoutes(app: FastifyInstance, access: Access, plays: Plays, gate: LedgerGate): void {
  const { catalog, vault } = access;

  route(app, startPlay, async ({ params, body, request }) => {
    await gate.pass(request);
    const record = await findVisible(access, request, params.id);
    const { purpose } = body;
    const decision = await requireAllowed(access, request, 'play', record, purpose ? { purpose } : {});
    const derivatives = await describeDerivatives(catalog, record.id);
    const proxy = derivatives.find(({ kind }) => kind === 'proxy');
    if (proxy?.state === 'pending') throw problem('proxy_pending');
    if (proxy?.state !== 'ready') throw problem('nothing_to_play', { extensions: { reason: proxy?.reason ?? null } });
    const play = await beginPlay(plays, personOf(request), record.id, decision, purpose);
    const isReady = (picture: 'poster' | 'thumbnails') =>
      derivatives.some(({ kind, state }) => kind === picture && state === 'ready');
    const pictures = `/api/plays/${play.id}/pictures`;
    const tiles = isReady('thumbnails') ? tilesOf(await findReadyDerivative(catalog, record.id, 'thumbnails')) : null;
    return {
      ...play,
      poster: isReady('poster') ? `${pictures}/poster` : null,
      thumbnails: tiles && { sprite: `${pictures}/thumbnails`, tiles },
    };
  });

  route(app, endPlay, async ({ params, body, request, reply }) => {
    await plays.endOwn(personOf(request), params.id, body.watched);
    return reply.send();
  });

  route(app, getPlaylist, async ({ params, request, reply }) => {
    await gate.pass(request);
    const { copy } = await plays.live(personOf(request), params.id);
    const playlist = renderPlaylist(piecesOf(copy), {
      keyUri: 'key',
      initUri: `segments/${initName}`,
      segmentUri: (n) => `segments/${n}.m4s`,
    });
    return reply.type('application/vnd.apple.mpegurl').header('cache-control', 'no-store').send(playlist);
  });

  route(app, getPlayKey, async ({ params, request, reply }) => {
    await gate.pass(request);
    const { play, copy } = await plays.live(personOf(request), params.id);
    piecesOf(copy);
    const key = await keyOf(play);
    return reply.type('application/octet-stream').header('cache-control', 'no-store').send(key);
  });

  route(app, getSegment, async ({ params, request, reply }) => {
    await gate.pass(request);
    const number = params.segment === initName ? undefined : Number.parseInt(params.segment, 10);
    const { copy } = await plays.live(personOf(request), params.id, number);
    const { initSegment, segments } = piecesOf(copy);
    const span = number === undefined ? initSegment : segments[number];
    if (!span) throw problem('not_found');
    const range = { start: span.offset, end: span.offset + span.length };
    return sendObject(reply.type('video/mp4'), vault, copy.object, range);
  });

  route(app, getPicture, async ({ params, request, reply }) => {
    await gate.pass(request);
    const wanted = params.picture === 'still' ? params.picture : undefined;
    const { play, copy } = await plays.live(personOf(request), params.id, wanted);
    const still = stillOf(copy.index);
    if (params.picture === 'still') {
      if (!still) throw problem('not_found');
      const { mediaType, size } = still.still;
      const bytes = decryptStill(still, await keyOf(play), vault.read(copy.object));
      return reply
        .type(mediaType)
        .header('cache-control', 'no-store')
        .header('content-length', size)
        .send(Readable.from(bytes, { objectMode: false }));
    }
    // They show the recording, and what is shown here may be a redacted version of it.
    if (play.render !== null) throw problem('not_found');
    const picture = await findReadyDerivative(catalog, play.evidence, params.picture);
    if (!picture?.object) throw problem('not_found');
    const { key, versionId, size } = picture.object;
    const object = { key: parseObjectKey(key), versionId, size };
    return sendObject(reply.type(mediaTypeOf(picture.data)), vault, object, { start: 0, end: size });
  });

  async function keyOf({ evidence, render }: PlayRecord): Promise<Buffer> {
    const key =
      render === null ? await findProxyKey(catalog, evidence) : (await findPlayableRender(catalog, render))?.key;
    if (!key) throw problem('not_found');
    return key;
  }
}

/** The pieces of a recording; of a still picture there are none. */
function piecesOf({ index }: ProxyCopy): ProxyIndex {
  if ('still' in index) throw problem('not_found');
  return index;
}

function sendObject(reply: FastifyReply, vault: Vault, object: ObjectVersion, range: ByteRange): FastifyReply {
  return reply
    .header('cache-control', privately)
    .header('content-length', range.end - range.start)
    .send(Readable.from(vault.read(object, range), { objectMode: false }));
}

const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'application/json'];

/** Only types that can do nothing in a page. */
function mediaTypeOf(data: unknown): string {
  const said = typeof data === 'object' && data !== null && 'mediaType' in data ? data.mediaType : undefined;
  return pictureTypes.find((type) => type === said) ?? 'application/octet-stream';
}

/** Where the small pictures lie on their sheet, as the worker noted it; null when it noted none, and then the sheet is of no use. */
function tilesOf(thumbnails: ReadyDerivative | undefined): TimelinePictures['tiles'] | null {
  const data = thumbnails?.object ? thumbnails.data : undefined;
  if (typeof data !== 'object' || data === null || !('tiles' in data)) return null;
  const { tiles } = data;
  return Value.Check(TimelinePictures.properties.tiles, tiles) && tiles.length > 0 ? tiles : null;
}
