import { describe, expect, it } from 'vitest';
import { digestsOf } from '../../../testing/world.ts';
import { readCheckpoint } from '../../integrity/checkpoint.ts';
import { compareDigests } from './compare-digests.ts';
import { summarizeProbe } from './probe-summary.ts';
import { checkpointSizeOf, receiptName, shellWord } from './receipt.ts';

describe('digests', () => {
  it('are equal, differ, or were not declared; the last is never shown as equal', () => {
    expect(compareDigests(digestsOf('a'))).toEqual({ declared: 'equal', received: 'equal' });
    expect(compareDigests(digestsOf('a', { declared: 'f'.repeat(64) })).declared).toBe('differs');
    expect(compareDigests(digestsOf('a', { declared: null })).declared).toBe('not_declared');
    const partsOnly = { ...digestsOf('a'), received: { parts: 3, sha256: null } };
    expect(compareDigests(partsOnly).received).toBe('parts_only');
  });
});

describe('proof texts', () => {
  const checkpoint = `example.org/log\n48291\n${'A'.repeat(43)}=\n\n— example.org/log AAAA\n`;

  it('give the size of the checkpoint they end in', () => {
    expect(checkpointSizeOf(`c2sp.org/tlog-proof@v1\nindex 7\n${'B'.repeat(43)}=\n\n${checkpoint}`)).toBe(48_291);
    expect(checkpointSizeOf('not a proof')).toBeNull();
    expect(readCheckpoint(checkpoint)).toEqual({ origin: 'example.org/log', size: 48_291, root: `${'A'.repeat(43)}=` });
    expect(readCheckpoint('<html>')).toBeNull();
  });

  it('are named beside the recording, and quoted for a shell', () => {
    expect(receiptName('DCIM\\录像.mp4')).toBe('DCIM_录像.mp4.receipt.json');
    expect(shellWord("it's.mp4")).toBe("'it'\\''s.mp4'");
    expect(shellWord('-rf')).toBe("'-rf'");
    expect(shellWord('a.mp4')).toBe('a.mp4');
  });
});

describe('the summary of a probe', () => {
  it('reads ffprobe’s JSON, bare or wrapped, and survives anything else', () => {
    const raw = {
      format: { format_long_name: 'QuickTime / MOV', duration: '12.5', bit_rate: '6000000' },
      streams: [
        {
          codec_type: 'video',
          codec_name: 'h264',
          width: 1920,
          height: 1080,
          avg_frame_rate: '30000/1001',
          side_data_list: [{ rotation: -90 }],
        },
        { codec_type: 'data' },
      ],
    };
    const summary = summarizeProbe(raw);
    expect(summary).toMatchObject({ container: 'QuickTime / MOV', durationMs: 12_500, bitsPerSecond: 6_000_000 });
    expect(summary?.streams).toMatchObject([{ type: 'video', codec: 'h264', rotation: 90 }]);
    expect(summarizeProbe({ kind: 'video', raw })).toEqual(summary);
    for (const odd of [null, 7, 'text', [], {}, { streams: 'x' }, { format: [], streams: [null, 3] }]) {
      expect(() => summarizeProbe(odd)).not.toThrow();
    }
  });
});
