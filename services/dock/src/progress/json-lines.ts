import type { Writable } from 'node:stream';
import type { Progress } from './progress.ts';

/** One JSON object a line; `bytes` at most once a second and file. */
export function jsonProgress(out: Writable): Progress {
  const lastBytes = new Map<string, number>();
  return {
    report(event) {
      if (event.event === 'bytes') {
        const now = Date.now();
        if (event.done < event.size && now - (lastBytes.get(event.name) ?? 0) < 1000) return;
        lastBytes.set(event.name, now);
      }
      out.write(`${JSON.stringify({ at: new Date().toISOString(), ...event, text: undefined })}\n`);
    },
    close() {},
  };
}
