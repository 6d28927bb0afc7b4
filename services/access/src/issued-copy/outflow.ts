import { mayGoOnLeaving, noteSent } from '@fengcun/catalog';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/** ms between two looks at whether bytes may still leave */
const lookEveryMs = 1000;

export interface Outflow {
  readonly copy: string;
  readonly download: string;
  readonly from: number;
}

/**
 * Passes bytes on while they may leave: a copy that is given up or whose grant is revoked stops in the middle of its download. How far it
 * came is noted, also when the reader hangs up.
 */
export async function* whileAllowed(
  { catalog, clock }: Pick<Access, 'catalog' | 'clock'>,
  outflow: Outflow,
  bytes: AsyncIterable<Uint8Array>,
  log: FastifyBaseLogger,
): AsyncGenerator<Uint8Array> {
  const { copy, download, from } = outflow;
  let sent = 0;
  let looked = performance.now();
  try {
    for await (const chunk of bytes) {
      if (performance.now() - looked >= lookEveryMs) {
        if (!(await mayGoOnLeaving(catalog, copy, clock.now()))) throw problem('copy_over');
        looked = performance.now();
      }
      sent += chunk.length;
      yield chunk;
    }
  } finally {
    if (sent > 0) {
      await noteSent(catalog, { download, from, to: from + sent, now: clock.now() }).catch((error: unknown) => {
        log.warn({ err: error, download }, 'how far a download came could not be noted');
      });
    }
  }
}
