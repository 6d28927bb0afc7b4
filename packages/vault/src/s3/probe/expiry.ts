import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { contentOf, type Dummy, type ProbeContext, passingDummy } from './dummies.ts';
import type { EngineClock } from './engine-clock.ts';
import { type Findings, NotTried, refusalOf, refusalText } from './findings.ts';

/** ms between two tries to remove what should be free by now */
const PAUSE = 250;
/** ms past the end of a lock after which it should have ended */
const PATIENCE = 15_000;

/**
 * Two dummies locked until the same moment, one of them under a legal hold as well. When the first can be removed, the moment has passed for the
 * engine too, so that what still protects the second is its hold alone.
 */
export async function tryExpiry(
  context: ProbeContext,
  findings: Findings,
  must: boolean,
  clock: EngineClock,
): Promise<void> {
  const { engine } = context;
  const until = clock.inSeconds(2);
  const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until } as const;
  const remove = ({ Bucket, Key, VersionId }: Dummy) =>
    engine.call('Removing a probe', 'repeatable', (client, abort) =>
      client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }), abort),
    );
  const hold = ({ Bucket, Key, VersionId }: Dummy, Status: 'ON' | 'OFF') =>
    engine.call('Holding a probe', 'repeatable', (client, abort) =>
      client.send(new PutObjectLegalHoldCommand({ Bucket, Key, VersionId, LegalHold: { Status } }), abort),
    );
  const [free, held] = await Promise.allSettled([
    passingDummy(context, lock),
    passingDummy(context, lock).then(async (dummy) => {
      await hold(dummy, 'ON');
      return dummy;
    }),
  ]);

  let expired = false;
  await findings.check('delete allowed after expiry', false, async () => {
    const dummy = unlessFailed(free);
    const giveUpAt = until.getTime() + PATIENCE;
    for (;;) {
      // The engine's clock is known to half a second.
      const early = clock.now().getTime() + 1_000 < until.getTime();
      const refusal = await refusalOf(() => remove(dummy));
      if (refusal === null && early) throw new Error('It could be removed before its lock had run out.');
      if (refusal === null) break;
      if (clock.now().getTime() > giveUpAt)
        throw new Error(`Still refused (${refusal}) ${PATIENCE / 1000} s after its lock had run out.`);
      await delay(PAUSE);
    }
    expired = true;
    return `removed when its lock had run out at ${until.toISOString()}`;
  });
  await findings.check('delete refused under legal hold', must, async () => {
    const dummy = unlessFailed(held);
    if (!expired) {
      await hold(dummy, 'OFF').catch(() => undefined);
      throw new NotTried('No lock was seen to run out, so a refusal would say nothing about the hold.');
    }
    const refusal = await refusalOf(() => remove(dummy));
    const content = await contentOf(context, dummy).catch(() => null);
    if (content === null || !content.equals(dummy.content)) throw new Error('It was carried out: the object is gone.');
    await hold(dummy, 'OFF');
    await remove(dummy);
    return `${refusalText(refusal)} after its retention had run out; removed when the hold was lifted`;
  });
}

function unlessFailed<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'fulfilled') return result.value;
  throw result.reason;
}
