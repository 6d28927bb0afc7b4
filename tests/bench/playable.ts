import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startProduct } from './product.ts';
import { median } from './statistics.ts';
import { printSection } from './table.ts';

const execute = promisify(execFile);

/** From sealed to playable for a 10-minute 1080p H.264/AAC recording, which only needs to be remuxed. */
export async function benchPlayable(rounds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-clip-'));
  try {
    const clip = join(directory, '现场执法 10 分钟.mp4');
    await makeClip(directory, clip);
    await using product = await startProduct();
    const waits: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await tagNewly(clip, round);
      await product.offload(directory);
      waits.push(await secondsToPlayable(product.officer));
    }
    const wait = median(waits);
    printSection(`10-minute 1080p clip, median of ${rounds}`, [
      { what: 'sealed -> playable', measured: `${wait.toFixed(2)} s`, aim: { text: 'under 3 s', reached: wait < 3 } },
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

type Officer = Awaited<ReturnType<typeof startProduct>>['officer'];

async function secondsToPlayable(officer: Officer): Promise<number> {
  const { items } = await officer.call('listEvidence', { query: { limit: 1 } });
  const id = items[0]?.id ?? '';
  for (;;) {
    const { sealedAt, derivatives } = await officer.call('getEvidence', { params: { id } });
    const proxy = derivatives.find(({ kind }) => kind === 'proxy');
    if (proxy?.state === 'ready') return (Date.parse(proxy.updatedAt) - Date.parse(sealedAt)) / 1000;
    if (proxy && proxy.state !== 'pending') throw new Error(`the proxy is ${proxy.state}: ${proxy.detail}`);
    await sleep(100);
  }
}

/** A minute is encoded and repeated: encoding ten would only test the encoder's patience. */
async function makeClip(directory: string, path: string): Promise<void> {
  const minute = join(directory, '.minute.mp4');
  const ffmpeg = (...args: string[]) => execute('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=330', '-t', '60'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-b:v',
      '5M',
      '-g',
      '50',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
      minute,
    ],
  );
  await ffmpeg('-stream_loop', '9', '-i', minute, '-c', 'copy', '-movflags', '+faststart', path);
  await rm(minute);
}

/** Another recording for each round: a comment in its header changes its digest, not its pictures. */
async function tagNewly(path: string, round: number): Promise<void> {
  if (round === 0) return;
  const next = `${path}.next.mp4`;
  await execute('ffmpeg', [
    '-v',
    'error',
    '-nostdin',
    '-y',
    '-i',
    path,
    '-c',
    'copy',
    '-metadata',
    `comment=${round}`,
    '-movflags',
    '+faststart',
    next,
  ]);
  await execute('mv', [next, path]);
}
