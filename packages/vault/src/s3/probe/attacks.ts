import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type PutObjectRetentionCommandInput,
} from '@aws-sdk/client-s3';
import { bucketState } from '../buckets.ts';
import { encryptionFields } from '../options.ts';
import { contentOf, type Dummy, type LockAtCreation, lockOf, type ProbeContext } from './dummies.ts';
import { type Findings, NotTried, refusalOf, refusalText } from './findings.ts';

/**
 * Does to a locked dummy what somebody with the bucket's credentials could do to evidence, from mild to fatal. What counts is not the engine's
 * answer but what the object shows afterwards. Once the dummy is gone, what is left cannot be tried.
 */
export async function attack(
  context: ProbeContext,
  findings: Findings,
  must: boolean,
  guard: Dummy,
  shortLock: LockAtCreation,
): Promise<void> {
  const { engine, layout } = context;
  const encrypted = encryptionFields(context.encryption);
  let gone = false;
  const { Bucket, Key, VersionId } = guard;
  const address = { Bucket, Key, VersionId };

  const tryOn = (check: string, isMust: boolean, work: () => Promise<string>) =>
    findings.check(check, isMust, async () => {
      if (gone) throw new NotTried('The dummy to try it on was removed by a check before this one.');
      return work();
    });
  const assertContent = async (): Promise<void> => {
    const content = await contentOf(context, guard).catch((error: unknown) => {
      gone = isGone(error);
      throw gone ? new Error('It was carried out: the object is gone.') : error;
    });
    if (!content.equals(guard.content)) throw new Error('It was carried out: the object has other bytes now.');
  };
  const assertLock = async (before: Date): Promise<void> => {
    const lock = await lockOf(engine, guard);
    if (lock?.mode !== 'COMPLIANCE')
      throw new Error(`It was carried out: the object shows ${lock?.mode ?? 'no retention'} now.`);
    if (lock.until < before)
      throw new Error(
        `It was carried out: the lock ends ${lock.until.toISOString()} now, not ${before.toISOString()}.`,
      );
  };
  const present = async (): Promise<Date> => {
    const lock = await lockOf(engine, guard);
    if (lock?.mode !== 'COMPLIANCE')
      throw new NotTried(`The dummy shows ${lock?.mode ?? 'no retention'}, so there is nothing to attack.`);
    return lock.until;
  };
  const setRetention = (fields: Partial<PutObjectRetentionCommandInput>) =>
    engine.call('Attacking the retention of a probe', 'repeatable', (client, abort) =>
      client.send(new PutObjectRetentionCommand({ ...address, ...fields }), abort),
    );
  const remove = (fields: { readonly VersionId?: string; readonly BypassGovernanceRetention?: boolean }) =>
    engine.call('Attacking a probe', 'repeatable', (client, abort) =>
      client.send(new DeleteObjectCommand({ Bucket, Key, ...fields }), abort),
    );

  await tryOn('retention can be extended', must, async () => {
    const later = new Date(Math.ceil((await present()).getTime() / 1000) * 1000 + 1000);
    await setRetention({ Retention: { Mode: 'COMPLIANCE', RetainUntilDate: later } });
    const lock = await lockOf(engine, guard);
    if (lock?.mode !== 'COMPLIANCE' || lock.until.getTime() !== later.getTime()) {
      throw new Error(
        `Asked for COMPLIANCE until ${later.toISOString()}, the engine shows ${lock?.mode ?? 'none'} until ${lock?.until.toISOString() ?? 'never'}.`,
      );
    }
    return `one second longer, read back as ${later.toISOString()}`;
  });

  const onRetention: readonly [string, (until: Date) => Partial<PutObjectRetentionCommandInput>][] = [
    [
      'shortening refused',
      (until) => ({ Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until.getTime() - 60_000) } }),
    ],
    [
      'shortening refused also with bypass',
      (until) => ({
        BypassGovernanceRetention: true,
        Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until.getTime() - 60_000) },
      }),
    ],
    [
      'downgrade to GOVERNANCE refused',
      (until) => ({
        BypassGovernanceRetention: true,
        Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(until.getTime() + 60_000) },
      }),
    ],
    ['taking retention away refused', () => ({ BypassGovernanceRetention: true, Retention: {} })],
  ];
  for (const [check, change] of onRetention) {
    await tryOn(check, must, async () => {
      const before = await present();
      const refusal = await refusalOf(() => setRetention(change(before)));
      await assertLock(before);
      return refusalText(refusal);
    });
  }

  await tryOn('overwriting leaves the version as it was', true, async () => {
    await engine.call('Overwriting a probe', 'repeatable', (client, abort) =>
      client.send(
        new PutObjectCommand({ Bucket, Key, Body: Buffer.from('other bytes'), ...encrypted, ...shortLock }),
        abort,
      ),
    );
    await assertContent();
    return 'the key got another version, the one that is named reads as before';
  });

  await tryOn('hiding leaves the version readable', true, async () => {
    let answer: Awaited<ReturnType<typeof remove>> | undefined;
    const refusal = await refusalOf(async () => {
      answer = await remove({});
    });
    await assertContent();
    // Credentials that may not even hide are better than what this asks for.
    if (answer === undefined) return refusalText(refusal);
    const { DeleteMarker, VersionId: marker } = answer;
    if (DeleteMarker !== true || marker === undefined)
      return 'deleting without a version left no marker, the version reads as before';
    await remove({ VersionId: marker });
    return 'a delete marker hides the key, the version that is named reads as before';
  });

  await tryOn('conditional writes (If-None-Match) refused on a taken key', false, async () => {
    const refusal = await refusalOf(() =>
      engine.call('Overwriting a probe', 'repeatable', (client, abort) =>
        client.send(
          new PutObjectCommand({
            ...{ Bucket, Key, Body: Buffer.from('other bytes'), IfNoneMatch: '*' },
            ...encrypted,
            ...shortLock,
          }),
          abort,
        ),
      ),
    );
    if (refusal === null)
      throw new Error(
        'The condition was ignored. Nothing relies on it: names are unique by the database, reads by version.',
      );
    return refusalText(refusal);
  });

  await tryOn('suspending versioning refused', must, async () => {
    const set = (Status: 'Suspended' | 'Enabled') =>
      engine.call('Attacking the versioning of the bucket', 'repeatable', (client, abort) =>
        client.send(
          new PutBucketVersioningCommand({ Bucket: layout.bucket, VersioningConfiguration: { Status } }),
          abort,
        ),
      );
    const refusal = await refusalOf(() => set('Suspended'));
    if ((await bucketState(engine, layout.bucket)).versioned) return refusalText(refusal);
    await set('Enabled');
    throw new Error('It was carried out (and undone): versioning of a locked bucket could be suspended.');
  });

  const deletions: readonly [string, () => Promise<unknown>][] = [
    ['delete refused while retained', () => remove({ VersionId })],
    ['delete refused also with bypass', () => remove({ VersionId, BypassGovernanceRetention: true })],
    [
      'delete in bulk refused while retained',
      () =>
        engine.call('Attacking a probe', 'repeatable', async (client, abort) => {
          const answer = await client.send(
            new DeleteObjectsCommand({
              Bucket,
              BypassGovernanceRetention: true,
              Delete: { Objects: [{ Key, VersionId }] },
            }),
            abort,
          );
          // The call succeeds as a whole; what it did to each object is in its answer.
          const [refused] = answer.Errors ?? [];
          if (refused !== undefined)
            throw Object.assign(new Error(refused.Message ?? 'refused'), {
              Code: refused.Code,
              $metadata: { httpStatusCode: 403 },
            });
        }),
    ],
  ];
  for (const [check, attempt] of deletions) {
    await tryOn(check, must, async () => {
      await present();
      const refusal = await refusalOf(attempt);
      await assertContent();
      return `${refusalText(refusal)}, ${guard.content.length} bytes read back and compared`;
    });
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not_found';
}
