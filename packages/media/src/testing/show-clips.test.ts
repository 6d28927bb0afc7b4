import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openMedia } from '../index.ts';
import { makeShowClip } from './index.ts';
import { temporaryDirectory } from './workshop.ts';

it.each(['bars', 'fractal', 'life', 'gradient'] as const)(
  'a %s clip looks like a body camera’s file',
  async (scene) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, '执法 01.mp4');
    await makeShowClip({
      path,
      scene,
      seconds: 1,
      size: '320x180',
      hue: 90,
      label: 'CAM-01',
      recordedAt: '2026-03-01T08:00:00Z',
    });
    const media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
    expect(await media.probe(path)).toMatchObject({
      kind: 'video',
      creationTime: '2026-03-01T08:00:00.000000Z',
      playable: { state: 'ready-as-is' },
    });
  },
);
