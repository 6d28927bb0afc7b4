import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeVaultConformance } from '../conformance/index.ts';
import { cachedFileSystem, withFaults } from '../testing/index.ts';
import { type DiskVaultOptions, openDiskVault } from './disk-vault.ts';

async function makeVault(options: Pick<DiskVaultOptions, 'fileSystem'> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'fengcun-vault-'));
  let advanced = 0;
  const open = () => openDiskVault({ ...options, root, reserveBytes: 0, clock: () => new Date(Date.now() + advanced) });
  return {
    vault: await open(),
    reopen: open,
    advanceClock: (milliseconds: number) => {
      advanced += milliseconds;
    },
    dispose: () => rm(root, { recursive: true }),
  };
}

describeVaultConformance('disk', () => makeVault());
describeVaultConformance('disk through the cache', () => makeVault({ fileSystem: cachedFileSystem }));

// The wrapper itself must not change what a vault does while no fault is armed.
describeVaultConformance('disk behind the fault injector', async () => {
  const made = await makeVault();
  return { ...made, vault: withFaults(made.vault).vault };
});
