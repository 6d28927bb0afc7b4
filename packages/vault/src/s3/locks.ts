import {
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { ObjectVersion, Protection } from '../port.ts';
import { Serial } from '../serial.ts';
import type { Engine, Send } from './engine.ts';
import { failureOf } from './failures.ts';
import { addressOf, type Layout, type Place } from './layout.ts';

const NOTHING: Protection = { mode: 'none', retainUntil: null, legalHold: false };

// Of the whole process, not of one vault: Ceph compares the present date and sets the new one in two steps, so of two calls at the same time
// the earlier date can win. Other processes are kept apart by the caller's database.
const serial = new Serial();

/** Retention and holds, as the engine keeps them. Nothing is remembered here. */
export class S3Locks {
  readonly #engine: Engine;
  readonly #layout: Layout;
  readonly #clock: () => Date;

  constructor(engine: Engine, layout: Layout, clock: () => Date) {
    this.#engine = engine;
    this.#layout = layout;
    this.#clock = clock;
  }

  async retain(version: ObjectVersion, until: Date): Promise<void> {
    const place = this.#lockable(version);
    if (!(until.getTime() > this.#clock().getTime()))
      throw new VaultError('invalid', 'Retention has to end in the future.');
    const date = new Date(Math.ceil(until.getTime() / 1000) * 1000);
    await serial.run(`${place.Bucket}/${place.Key}/${place.VersionId}`, async () => {
      const { mode, retainUntil } = await this.#read(place);
      if (mode === 'compliance' && retainUntil !== null) {
        if (until < retainUntil) throw shortening(retainUntil);
        if (until.getTime() === retainUntil.getTime()) return;
      }
      try {
        await this.#engine.call('Locking an object', 'repeatable', (client, abort) =>
          client.send(
            new PutObjectRetentionCommand({
              ...addressOf(place),
              Retention: { Mode: 'COMPLIANCE', RetainUntilDate: date },
            }),
            abort,
          ),
        );
      } catch (error) {
        // Another process was faster with a later date: the engine refuses ours, as it should.
        const shown = await this.#read(place);
        if (shown.retainUntil !== null && until < shown.retainUntil) throw shortening(shown.retainUntil);
        throw error;
      }
    });
  }

  async setLegalHold(version: ObjectVersion, on: boolean): Promise<void> {
    const place = this.#lockable(version);
    await this.#engine.call(on ? 'Placing a legal hold' : 'Lifting a legal hold', 'repeatable', (client, abort) =>
      client.send(
        new PutObjectLegalHoldCommand({ ...addressOf(place), LegalHold: { Status: on ? 'ON' : 'OFF' } }),
        abort,
      ),
    );
  }

  async protection(version: Pick<ObjectVersion, 'key' | 'versionId'>): Promise<Protection> {
    const place = this.#layout.placeOf(version);
    if (place.kind === 'locked') return this.#read(place);
    await this.#engine.call('Looking at an object', 'repeatable', (client, abort) =>
      client.send(new HeadObjectCommand(addressOf(place)), abort),
    );
    return NOTHING;
  }

  /** Whether the version is there and nothing protects it. Rejects `held` or `retained` when something does. */
  async assertDeletable(version: Pick<ObjectVersion, 'key' | 'versionId'>): Promise<boolean> {
    const place = this.#layout.placeOf(version);
    if (place.kind === 'derivative') return true;
    let shown: Protection;
    try {
      shown = await this.#read(place);
    } catch (error) {
      if (error instanceof VaultError && error.code === 'not_found') return false;
      throw error;
    }
    if (shown.legalHold) throw new VaultError('held', 'The object is under a legal hold; have it lifted first.');
    if (shown.retainUntil !== null && shown.retainUntil > this.#clock()) {
      throw new VaultError(
        'retained',
        `The object is retained until ${shown.retainUntil.toISOString()}; wait until then.`,
      );
    }
    return true;
  }

  #lockable(version: ObjectVersion): LockedPlace {
    const place = this.#layout.placeOf(version);
    if (place.kind === 'locked') return place;
    throw new VaultError(
      'invalid',
      'A derivative is kept where it can be removed and cannot be locked; write it as a record.',
    );
  }

  /** Asked by two calls made for it, not taken from a HEAD: an engine leaves those headers out when the reader may not see them. */
  async #read(place: LockedPlace): Promise<Protection> {
    const [retention, hold] = await Promise.all([
      this.#unlessNone((client, abort) => client.send(new GetObjectRetentionCommand(addressOf(place)), abort)),
      this.#unlessNone((client, abort) => client.send(new GetObjectLegalHoldCommand(addressOf(place)), abort)),
    ]);
    const { Mode, RetainUntilDate } = retention?.Retention ?? {};
    // GOVERNANCE is no protection from whoever may bypass it.
    const retained = Mode === 'COMPLIANCE' && RetainUntilDate !== undefined;
    return {
      mode: retained ? 'compliance' : 'none',
      retainUntil: retained ? RetainUntilDate : null,
      legalHold: hold?.LegalHold?.Status === 'ON',
    };
  }

  async #unlessNone<T>(send: Send<T>): Promise<T | null> {
    try {
      return await this.#engine.call('Reading the locks of an object', 'repeatable', send);
    } catch (error) {
      if (error instanceof VaultError && NONE.has(failureOf(error.cause).code)) return null;
      throw error;
    }
  }
}

type LockedPlace = Extract<Place, { kind: 'locked' }>;

// In S3's words, in Ceph's, and in MinIO's.
const NONE = new Set([
  'NoSuchObjectLockConfiguration',
  'ObjectLockConfigurationNotFoundError',
  'ObjectLockConfigurationNotFound',
]);

const shortening = (retainUntil: Date): VaultError =>
  new VaultError(
    'retained',
    `The object is retained until ${retainUntil.toISOString()}; that can be extended, never shortened.`,
  );
