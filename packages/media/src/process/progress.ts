import type { Readable } from 'node:stream';

/** One report of ffmpeg's `-progress` output. Fields ffmpeg prints as `N/A` are null. */
export interface ToolProgress {
  readonly outTimeMs: number | null;
  readonly totalBytes: number | null;
  readonly frame: number | null;
}

const longestBlock = 64 * 1024;

/** Parses `key=value` lines; a `progress=` line ends each block (ffmpeg documentation, option `-progress`). Resolves at the end. */
export function readProgress(stream: Readable, report: (progress: ToolProgress) => void): Promise<void> {
  let pending = '';
  let block = new Map<string, string>();
  return new Promise((resolve) => {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      pending = (pending + text).slice(-longestBlock);
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const equals = line.indexOf('=');
        if (equals < 0) continue;
        block.set(line.slice(0, equals), line.slice(equals + 1).trim());
        if (!line.startsWith('progress=')) continue;
        const microseconds = numberOf(block.get('out_time_us'));
        report({
          outTimeMs: microseconds === null ? null : Math.max(0, Math.round(microseconds / 1000)),
          totalBytes: numberOf(block.get('total_size')),
          frame: numberOf(block.get('frame')),
        });
        block = new Map();
      }
    });
    stream.once('close', resolve);
    stream.once('error', () => resolve());
  });
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}
