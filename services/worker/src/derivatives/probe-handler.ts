import {
  type DerivativeResult,
  derivativeStatesOf,
  findDerivedFrom,
  type Prospect,
  probeFailed,
  settleProbe,
} from '@fengcun/catalog';
import { type DerivativeKind, finding } from '@fengcun/contracts';
import type { Handler } from '@fengcun/jobs';
import { isStill, type ProbeResult } from '@fengcun/media';
import { type DerivativeDependencies, makeDerivative, originalOf } from './make.ts';
import { nothing } from './outcome.ts';

/**
 * Asks what the original is, keeps ffprobe's answer whole, and settles at once what the answer rules out: nothing to play, no picture, no
 * sound. What is left to be made is the `proxy` job's.
 */
export function probeHandler(dependencies: DerivativeDependencies): Handler<'probe'> {
  const { catalog, vault, media, clock } = dependencies;
  return async ({ evidence }, context) => {
    const from = await findDerivedFrom(catalog, evidence);
    if (!from) return;
    let probe: ProbeResult | null = null;
    const made = await makeDerivative(
      dependencies,
      from,
      'probe',
      context,
      async (signal) => {
        const local = await vault.openLocal(originalOf(from));
        try {
          probe = await media.probe(local.path, { signal });
          return { state: 'ready', data: probe, object: null };
        } finally {
          await local.release();
        }
      },
      (claim, result) => settleProbe(catalog, claim, result, prospects(result, probe), clock),
    );
    if (!made)
      context.logger.debug({ evidence, derivatives: await derivativeStatesOf(catalog, evidence) }, 'probe is settled');
  };
}

type Prospects = Readonly<Record<Exclude<DerivativeKind, 'probe'>, Prospect>>;

function prospects(result: DerivativeResult, probe: ProbeResult | null): Prospects {
  if (result.state !== 'ready' || probe === null) {
    const findings = [finding('probe_failed'), ...(result.state === 'ready' ? [] : result.findings)];
    return all({ state: 'failed', reason: probeFailed, findings });
  }
  const { playable, streams } = probe;
  // Looked at like a recording is played: on record, by whoever may.
  if (isStill(probe)) return { ...all(nothing('image', formatOf(probe))), proxy: { state: 'pending' } };
  if (playable.state === 'nothing-to-play') return all(nothing(playable.reason, playable.format));
  const pending: Prospect = { state: 'pending' };
  const picture = streams.some((stream) => stream.type === 'video') ? pending : nothing('no-video');
  const sound = streams.some((stream) => stream.type === 'audio') ? pending : nothing('no-audio');
  return { proxy: pending, poster: picture, thumbnails: picture, waveform: sound };
}

const formatOf = ({ playable }: ProbeResult) => (playable.state === 'nothing-to-play' ? playable.format : undefined);

const all = (prospect: Prospect): Prospects => ({
  proxy: prospect,
  poster: prospect,
  thumbnails: prospect,
  waveform: prospect,
});
