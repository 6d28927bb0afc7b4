import {
  type DerivativeResult,
  type DerivedFrom,
  derivativeStatesOf,
  enqueue,
  findDerivedFrom,
  proxyKeyOf,
} from '@fengcun/catalog';
import type { DerivativeKind } from '@fengcun/contracts';
import type { Handler, JobContext } from '@fengcun/jobs';
import { isStill, MediaError, type MediaInput, type ProbeResult } from '@fengcun/media';
import { type DerivativeDependencies, derivativeKey, makeDerivative, originalOf, store } from './make.ts';

/**
 * Makes what is pending of proxy, poster, thumbnails and waveform. Somebody is waiting to watch, so the proxy and the poster come first, side
 * by side; the rest goes to the back of the queue as a job of its own, behind the proxies of other recordings.
 */
export function proxyHandler(dependencies: DerivativeDependencies): Handler<'proxy'> {
  const { catalog, vault } = dependencies;
  return async ({ evidence }, context) => {
    const from = await findDerivedFrom(catalog, evidence);
    if (!from) return;
    const derivatives = await derivativeStatesOf(catalog, evidence);
    const probe = derivatives.find((derivative) => derivative.kind === 'probe');
    // Without a probe there is nothing to go by: the probe's own job asks for this one when it is done.
    if (probe?.state !== 'ready') return;
    const pending = new Set(derivatives.filter((derivative) => derivative.state === 'pending').map(({ kind }) => kind));
    if (pending.size === 0) return;

    const local = await vault.openLocal(originalOf(from));
    try {
      const input: MediaInput = { path: local.path, probe: probe.data as ProbeResult };
      const make = (kinds: readonly DerivativeKind[]) =>
        Promise.allSettled(
          kinds
            .filter((kind) => pending.has(kind))
            .map((kind) => makeDerivative(dependencies, from, kind, context, (signal) => makers[kind](work(signal)))),
        );
      const work = (signal: AbortSignal): Work => ({ dependencies, from, input, signal, context });
      const urgent = pending.has('proxy') || pending.has('poster');
      const results = await make(urgent ? ['proxy', 'poster'] : ['thumbnails', 'waveform']);
      const rejected = results.find((result) => result.status === 'rejected');
      if (rejected) throw rejected.reason;
      if (urgent && (pending.has('thumbnails') || pending.has('waveform'))) {
        // This job's own key is taken until it ends.
        await enqueue(catalog, 'proxy', `${evidence}.rest`, { evidence });
      }
    } finally {
      await local.release();
    }
  };
}

interface Work {
  readonly dependencies: DerivativeDependencies;
  readonly from: DerivedFrom;
  readonly input: MediaInput;
  readonly signal: AbortSignal;
  readonly context: JobContext;
}

const makers: Readonly<Record<DerivativeKind, (work: Work) => Promise<DerivativeResult>>> = {
  probe: () => Promise.reject(new TypeError('The probe is made by its own job')),
  proxy: makeProxy,
  async poster({ dependencies: { media, vault }, from, input, signal }) {
    const { bytes, ...picture } = await media.makePoster(input, { signal });
    return store(vault, from, 'poster', bytes, picture);
  },
  async thumbnails({ dependencies: { media, vault }, from, input, signal }) {
    const { sprite, tiles } = await media.makeThumbnails(input, { signal });
    const { bytes, ...picture } = sprite;
    return store(vault, from, 'thumbnails', bytes, { ...picture, tiles });
  },
  async waveform({ dependencies: { media, vault }, from, input, signal }) {
    const waveform = await media.makeWaveform(input, { signal });
    const { peaks, ...outline } = waveform;
    const bytes = Buffer.from(JSON.stringify(waveform));
    return store(vault, from, 'waveform', bytes, { ...outline, points: peaks.length, mediaType: 'application/json' });
  },
};

/** Remuxes where it can; a recording whose remux fails is encoded anew before it counts as failed. Of a still picture: what is looked at of it. */
async function makeProxy(work: Work): Promise<DerivativeResult> {
  const { media, vault, catalog } = work.dependencies;
  const key = await proxyKeyOf(catalog, work.from.id);
  const { signal } = work;
  const sink = (bytes: AsyncIterable<Uint8Array>) => vault.write(derivativeKey(work.from, 'proxy'), bytes);
  if (isStill(work.input.probe)) {
    const { index, stored } = await media.makeStill(work.input, { key, signal, sink });
    return { state: 'ready', data: index, object: stored };
  }
  const proxy = (streams: 'as-needed' | 'encode') => media.makeProxy(work.input, { key, streams, signal, sink });
  const { index, stored } = await proxy('as-needed').catch((error: unknown) => {
    if (!canEncode(error, work.input)) throw error;
    work.context.logger.info({ evidence: work.from.id, err: error }, 'the remux failed; encoding instead');
    return proxy('encode');
  });
  return { state: 'ready', data: index, object: stored };
}

const canEncode = (error: unknown, { probe }: { probe: ProbeResult }): boolean =>
  error instanceof MediaError && error.code === 'ffmpeg_failed' && probe.playable.state === 'ready-as-is';
