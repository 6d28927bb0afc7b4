import { hash, randomUUID } from 'node:crypto';
import { chmod, open, truncate } from 'node:fs/promises';
import { VaultError, type VaultErrorCode } from '../errors.ts';
import { parseObjectKey } from '../keys.ts';
import type { ObjectVersion, ProbeFinding, StoredPart, Transfer, Vault } from '../port.ts';

const HOUR = 60 * 60 * 1000;

/**
 * Tries on dummy objects what the driver claims. `openVault` gives a vault on the same directory with a clock of our choosing, so
 * that expiry is tried by moving the clock and every dummy can be removed afterwards.
 */
export async function probeDisk(openVault: (clock: () => Date) => Promise<Vault>): Promise<readonly ProbeFinding[]> {
  let now = new Date();
  const vault = await openVault(() => now);
  const dummies: ObjectVersion[] = [];
  const findings: ProbeFinding[] = [];
  const check = async (name: string, must: boolean, work: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ check: name, outcome: 'passed', detail: await work(), must });
    } catch (error) {
      findings.push({
        check: name,
        outcome: 'failed',
        detail: error instanceof Error ? error.message : 'failed',
        must,
      });
    }
  };
  try {
    const dummy = await dummyObject(vault);
    dummies.push(dummy.version);
    const later = new Date(now.getTime() + HOUR);

    await check('reads back what was stored', true, async () => {
      await expectContent(vault, dummy.version, dummy.content);
      return `${dummy.content.length} bytes compared`;
    });
    await check('overwrite refused', true, async () => {
      await expectRefusal(['exists', 'not_found'], () => vault.openPart(dummy.transfer, 1, 0));
      const again = await vault.complete(dummy.transfer, dummy.parts);
      if (again.versionId !== dummy.version.versionId) throw new Error('Completing twice made a second version.');
      const other = await vault.write(dummy.version.key, chunks(Buffer.from('another version')));
      await expectContent(vault, dummy.version, dummy.content);
      await vault.delete(other);
      return 'a completed transfer takes no more parts, and a new version leaves the old one as it was';
    });
    await check('delete refused while retained', true, async () => {
      await vault.retain(dummy.version, later);
      await expectRefusal(['retained'], () => vault.delete(dummy.version));
      await expectContent(vault, dummy.version, dummy.content);
      return 'refused by the driver, the object is still there';
    });
    await check('shortening refused', true, async () => {
      await expectRefusal(['retained'], () => vault.retain(dummy.version, new Date(later.getTime() - HOUR / 2)));
      const { retainUntil } = await vault.protection(dummy.version);
      if (retainUntil?.getTime() !== later.getTime())
        throw new Error('The date read back is not the date that was set.');
      return 'refused by the driver, the date reads back unchanged';
    });
    await check('delete refused under legal hold', true, async () => {
      await vault.setLegalHold(dummy.version, true);
      now = new Date(later.getTime() + HOUR);
      await expectRefusal(['held'], () => vault.delete(dummy.version));
      return 'refused by the driver after the retention had run out (clock moved)';
    });
    await check('short read noticed', true, async () => {
      const damaged = await dummyObject(vault);
      dummies.push(damaged.version);
      const { path } = await vault.openLocal(damaged.version);
      // Read-only for its owner as well: only root could shorten it as it is.
      await chmod(path, 0o600);
      await truncate(path, damaged.content.length - 1);
      await expectRefusal(['corrupt'], () => expectContent(vault, damaged.version, damaged.content));
      return 'one byte was cut off a dummy behind the driver, and reading it was refused';
    });
    await check('file mode stops writing by this process', false, async () => {
      const { path } = await vault.openLocal(dummy.version);
      const handle = await open(path, 'r+').catch(() => null);
      if (handle === null) return 'opening a sealed object for writing was refused by the system';
      await handle.close();
      throw new Error('This process could open a sealed object for writing (it runs as root); run it as another user.');
    });
    await check('delete allowed after expiry and release', false, async () => {
      await vault.setLegalHold(dummy.version, false);
      await vault.delete(dummy.version);
      await expectRefusal(['not_found'], () => vault.stat(dummy.version));
      return 'deleted with the clock moved past the date';
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'The probe could not be run.';
    findings.push({ check: 'probe could be run', outcome: 'failed', detail, must: true });
  } finally {
    now = new Date(now.getTime() + 2 * HOUR);
    for (const version of dummies) {
      // A check that failed may have left its dummy locked; one that passed has removed it.
      await vault.setLegalHold(version, false).catch(() => undefined);
      await vault.delete(version).catch(() => undefined);
    }
    await vault.close();
  }
  return [...findings, ...UNTRIED];
}

/** Whether `fromMedium` could be kept: tried when the vault was opened. */
export const readsFromMedium = (directIo: boolean): ProbeFinding => ({
  check: 'read-back comes from the disk',
  outcome: directIo ? 'passed' : 'not_checked',
  detail: directIo
    ? "A block was written and read around the kernel's cache; seal and verification read that way. The disk's own cache is behind it."
    : "This file system cannot be read around the kernel's cache: read-back proves what the kernel answers.",
  must: false,
});

const UNTRIED: readonly ProbeFinding[] = [
  {
    check: 'deletion refused to root and to the owner of the files',
    outcome: 'not_checked',
    detail: 'Nothing on a local disk refuses them: protection is advisory, it stops programs and mistakes.',
    must: false,
  },
  {
    check: 'acknowledged bytes survive a loss of power',
    outcome: 'not_checked',
    detail:
      'Every acknowledgement waits for fdatasync; whether the disk and its controller obey cannot be tried from here.',
    must: false,
  },
  {
    check: 'changed bytes noticed on reading',
    outcome: 'not_checked',
    detail: 'The driver keeps no digests of content; seal and fixity compare them after every read-back.',
    must: false,
  },
];

interface Dummy {
  readonly transfer: Transfer;
  readonly parts: readonly StoredPart[];
  readonly version: ObjectVersion;
  readonly content: Buffer;
}

async function dummyObject(vault: Vault): Promise<Dummy> {
  const content = Buffer.from(`Fengcun probes its vault: ${randomUUID()}`);
  const transfer = await vault.createTransfer(parseObjectKey(`probe/${randomUUID()}`), content.length);
  const writer = await vault.openPart(transfer, 1, 0);
  await writer.write(Buffer.from(content));
  const parts = [await writer.commit(hash('sha256', content, 'hex'))];
  return { transfer, parts, version: await vault.complete(transfer, parts), content };
}

async function* chunks(...list: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* list;
}

async function expectContent(vault: Vault, version: ObjectVersion, content: Buffer): Promise<void> {
  const read: Uint8Array[] = [];
  for await (const chunk of vault.read(version)) read.push(chunk);
  if (!Buffer.concat(read).equals(content)) throw new Error('What was read is not what was stored.');
}

async function expectRefusal(codes: readonly VaultErrorCode[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VaultError && codes.includes(error.code)) return;
    throw error;
  }
  throw new Error('It was not refused.');
}
