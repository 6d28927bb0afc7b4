import { HeadBucketCommand } from '@aws-sdk/client-s3';
import type { Engine } from '../engine.ts';

/** The engine's clock, by which it measures retention, as its answers show it (whole seconds). */
export interface EngineClock {
  /** ms the engine is ahead of us; null when its answers carry no date, and our own clock stands in */
  readonly ahead: number | null;
  now(): Date;
  /** the whole second that lies so many seconds ahead */
  inSeconds(seconds: number): Date;
}

export async function readEngineClock(engine: Engine, bucket: string): Promise<EngineClock> {
  let date: string | undefined;
  const asked = Date.now();
  await engine.call('Asking for the time', 'repeatable', (client, abort) => {
    const command = new HeadBucketCommand({ Bucket: bucket });
    command.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        date = dateOf(answer.response);
        return answer;
      },
      { step: 'deserialize', name: 'readDate', priority: 'low' },
    );
    return client.send(command, abort);
  });
  const answered = Date.now();
  const shown = Date.parse(date ?? '');
  // Half a second for what the header leaves out, half the way for the time the answer took.
  const ahead = Number.isNaN(shown) ? null : shown + 500 - (asked + answered) / 2;
  const now = () => new Date(Date.now() + (ahead ?? 0));
  return { ahead, now, inSeconds: (seconds) => new Date(Math.ceil(now().getTime() / 1000 + seconds) * 1000) };
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
