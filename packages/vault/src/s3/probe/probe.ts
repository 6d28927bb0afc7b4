import type { ProbeFinding } from '../../port.ts';
import { bucketState } from '../buckets.ts';
import { encryptionOf, isEncryptedAs } from '../encryption.ts';
import { type IntegrityFindings, integrityOf, type Tried, tryIntegrity } from '../integrity.ts';
import { attack } from './attacks.ts';
import { contentOf, type Dummy, lockedDummy, lockOf, type ProbeContext, removeOldDummies } from './dummies.ts';
import { type EngineClock, readEngineClock } from './engine-clock.ts';
import { tryExpiry } from './expiry.ts';
import { Findings, NotTried } from './findings.ts';

export interface ProbeOptions extends Omit<ProbeContext, 'integrity'> {
  /** what was found when the vault was opened */
  readonly integrity: IntegrityFindings;
  /** whether the engine's lock is relied on: then every check of it is a must */
  readonly enforced: boolean;
}

const DAY = 24 * 60 * 60 * 1000;
/** ms; more than this between the engine's clock and ours makes every date in the ledger questionable */
const CLOCK_TOLERANCE = 5_000;

/**
 * Tries on dummies in the real buckets what the driver relies on. Takes about three seconds, nearly all of them waiting for a lock to run out.
 * Two dummies a day stay behind under `probe/`, locked by what was tried; a later probe removes them.
 */
export async function probeEngine(options: ProbeOptions): Promise<readonly ProbeFinding[]> {
  const { engine, layout, enforced } = options;
  const context: ProbeContext = { ...options, integrity: integrityOf(options.integrity) };
  const findings = new Findings();
  let clock: EngineClock | null = null;
  await findings.check("the engine's clock agrees with ours", false, async () => {
    clock = await readEngineClock(engine, layout.bucket);
    if (clock.ahead === null) throw new NotTried('The engine dates none of its answers.');
    const apart = `${Math.round(clock.ahead / 100) / 10} s ahead of ours`;
    if (Math.abs(clock.ahead) > CLOCK_TOLERANCE)
      throw new Error(`The engine's clock is ${apart}; set both by the same source.`);
    return `${apart}, to half a second`;
  });
  await checkBuckets(context, findings, enforced);
  await checkDigests(context, findings);
  await findings.check('old dummies can be removed', false, async () => {
    await removeOldDummies(context);
    return 'what earlier probes left and no lock keeps';
  });
  const guard = await checkBirth(context, findings, enforced);
  const shown: EngineClock = clock ?? {
    ahead: null,
    now: () => new Date(),
    inSeconds: (s) => new Date(Math.ceil(Date.now() / 1000 + s) * 1000),
  };
  const shortLock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: shown.inSeconds(5) } as const;
  // Side by side, each with findings of its own: one attacks, the other waits.
  const expiry = new Findings();
  await Promise.all([
    guard === null ? undefined : attack(context, findings, enforced, guard, shortLock),
    tryExpiry(context, expiry, enforced, shown),
  ]);
  if (guard === null) {
    await findings.check('the lock holds against attacks', enforced, async () => {
      throw new NotTried('There is no locked object to attack.');
    });
  }
  for (const [check, detail] of UNTRIED) findings.notChecked(check, detail);
  return [...findings.all.slice(0, -UNTRIED.length), ...expiry.all, ...findings.all.slice(-UNTRIED.length)];
}

async function checkBuckets({ engine, layout }: ProbeContext, findings: Findings, must: boolean): Promise<void> {
  await findings.check('the bucket keeps versions and locks objects', must, async () => {
    const { versioned, locking } = await bucketState(engine, layout.bucket);
    if (!versioned) throw new Error(`${layout.bucket} keeps no versions.`);
    if (!locking) throw new Error(`${layout.bucket} has no Object Lock.`);
    return `${layout.bucket}: versioning and Object Lock enabled`;
  });
  await findings.check('everything new is locked by default', must, async () => {
    const { defaultRetention } = await bucketState(engine, layout.bucket);
    if (defaultRetention?.mode !== 'COMPLIANCE') {
      throw new Error(
        `The default retention of ${layout.bucket} is ${defaultRetention?.mode ?? 'none'}; \`fengcun-vault check\` sets a missing one.`,
      );
    }
    return `${defaultRetention.mode}, ${defaultRetention.days} day(s)`;
  });
  await findings.check('the staging bucket lets go of what is removed', true, async () => {
    const { versioned, defaultRetention } = await bucketState(engine, layout.staging);
    if (versioned)
      throw new Error(
        `${layout.staging} keeps versions: removed tails and derivatives would stay for ever. Name a bucket without.`,
      );
    if (defaultRetention !== null)
      throw new Error(`${layout.staging} locks what is written to it; name a bucket that does not.`);
    return `${layout.staging}: no versions, no default retention`;
  });
}

async function checkDigests({ engine, layout, encryption }: ProbeContext, findings: Findings): Promise<void> {
  let tried: IntegrityFindings | null = null;
  await findings.check('bytes damaged on the way are refused', true, async () => {
    tried = await tryIntegrity(engine, layout.staging, layout.prefix, encryption);
    const integrity = integrityOf(tried);
    if (integrity === 'none') throw new Error('The engine took wrong bytes under every kind of digest.');
    return {
      checksum: 'by SHA-256 checksum',
      signed: 'by the SHA-256 that the request is signed with',
      md5: 'by Content-MD5',
    }[integrity];
  });
  const kinds: readonly [keyof IntegrityFindings, string][] = [
    ['checksum', 'SHA-256 checksums verified'],
    ['signed', 'SHA-256 of signed requests verified'],
    ['md5', 'Content-MD5 verified'],
  ];
  for (const [kind, check] of kinds) {
    await findings.check(check, false, async () => {
      const outcome: Tried | undefined = tried?.[kind];
      if (outcome === undefined) throw new NotTried('The engine did not answer.');
      if (outcome === 'ignored') throw new Error('A wrong one was accepted. It is not used.');
      return 'a wrong one was refused';
    });
  }
}

/** How an object is protected from its first moment on. Answers the dummy to attack, or null when none could be made. */
async function checkBirth(context: ProbeContext, findings: Findings, must: boolean): Promise<Dummy | null> {
  const { engine, encryption } = context;
  await findings.check('locked from completion on', must, async () => {
    const dummy = await lockedDummy(context, 'born', null);
    const lock = await lockOf(engine, dummy);
    if (lock?.mode !== 'COMPLIANCE')
      throw new Error(`An object completed a moment ago shows ${lock?.mode ?? 'no retention'}.`);
    return `completed ${dummy.madeAt.toISOString()}, ${lock.mode} until ${lock.until.toISOString()}`;
  });
  let guard: Dummy | null = null;
  await findings.check('reads back what was stored', true, async () => {
    guard = await lockedDummy(context, 'guard', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(2) });
    if (!(await contentOf(context, guard)).equals(guard.content))
      throw new Error('What was read is not what was stored.');
    return `${guard.content.length} bytes of a named version compared`;
  });
  if (encryption.kind !== 'none') {
    await findings.check('encrypted at rest as asked', true, async () => {
      // The compiler does not follow the assignment in the closure above.
      const dummy = guard as Dummy | null;
      if (dummy === null) throw new NotTried('No object could be made.');
      const { Bucket, Key, VersionId } = dummy;
      const shown = await encryptionOf(engine, { Bucket, Key, VersionId });
      if (!isEncryptedAs(encryption, shown))
        throw new Error(`Asked for "${encryption.kind}", the engine says ${shown ?? 'nothing'} of the object.`);
      return `a multipart object shows ${shown}`;
    });
  }
  await findings.check('multipart uploads keep the retention they are begun with', false, async () => {
    // The compiler does not follow the assignment in the closure above.
    const dummy = guard as Dummy | null;
    if (dummy === null) throw new NotTried('No object could be made.');
    const lock = await lockOf(engine, dummy);
    if (lock === null || lock.until.getTime() - dummy.madeAt.getTime() < 1.5 * DAY) {
      throw new Error(
        `Begun with two days, completed with ${lock === null ? 'none' : 'the default retention'}. Not relied on: it is set after the seal and read back.`,
      );
    }
    return `begun with two days, locked until ${lock.until.toISOString()}`;
  });
  return guard;
}

const inDays = (days: number): Date => new Date(Math.ceil((Date.now() + days * DAY) / 1000) * 1000);

const UNTRIED: readonly (readonly [check: string, detail: string])[] = [
  [
    'deletion refused to whoever runs the engine',
    'The lock binds the S3 interface. Administration tools and the disks below are out of reach from here; digests, witnesses and a second copy are for that.',
  ],
  [
    'default retention cannot be taken away',
    'Succeeding would leave new originals unprotected until their seal. Deny s3:PutBucketObjectLockConfiguration to these credentials.',
  ],
  [
    'acknowledged bytes survive a loss of power',
    'An acknowledgement is the word of the engine; its replication and disks cannot be tried from here.',
  ],
  [
    'changed bytes noticed on reading',
    'The driver keeps no digests of content; seal and fixity compare them after every read-back.',
  ],
];
