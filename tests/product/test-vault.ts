/** What the product under test keeps recordings on: its disk, or a Ceph that it runs itself (`--s3`). */
export type TestVault = 'disk' | 's3';

let chosen: TestVault | undefined;

/** Lets the test file that calls it, and what it imports afterwards, use that vault. */
export function useVault(vault: TestVault): void {
  chosen = vault;
}

/** Where no test file chose: the run's, from FENGCUN_TEST_VAULT. */
export function chosenVault(): TestVault {
  const named = process.env.FENGCUN_TEST_VAULT ?? 'disk';
  if (named !== 'disk' && named !== 's3') throw new Error(`FENGCUN_TEST_VAULT is "${named}"; it can be disk or s3.`);
  return chosen ?? named;
}
