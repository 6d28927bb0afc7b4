import type { Play, Purpose } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import type { Plays } from './plays.ts';
import { describeStill } from './still.ts';
import { viewerOf } from './viewer.ts';

/** Begins a play, on record, and describes it as `startPlay` answers it, without pictures of the recording. Throws `not_recorded`. */
export async function beginPlay(
  plays: Plays,
  person: Person,
  evidence: string,
  decision: { readonly rule: string; readonly authorisation?: string },
  purpose?: Purpose,
  redaction?: { readonly redaction: string; readonly render: string },
): Promise<Play> {
  const play = await plays.start(person, evidence, decision, purpose, redaction);
  const copy = await plays.shown({ id: play.id, evidence, render: redaction?.render ?? null });
  const still = describeStill(play.id, copy?.index);
  return {
    id: play.id,
    evidence,
    event: String(play.event),
    startedAt: play.startedAt.toISOString(),
    expiresAt: play.expiresAt.toISOString(),
    playlist: still ? null : `/api/plays/${play.id}/index.m3u8`,
    still,
    poster: null,
    thumbnails: null,
    viewer: viewerOf(person),
    purpose: purpose ?? null,
    authorisation: decision.authorisation ?? null,
  };
}
