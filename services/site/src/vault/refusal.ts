import { ConfigError } from '@fengcun/runtime';
import { VaultError } from '@fengcun/vault';
import { SiteError } from '../errors.ts';

/** Does something with an engine; what it, or a setting, has against it becomes the sentence a person reads. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VaultError || error instanceof ConfigError) throw refused(error.message, error);
    throw error;
  }
}

export function refused(why: string, cause?: unknown): SiteError {
  return new SiteError(
    'vault_refused',
    '录像存储不可用，或不能可靠地锁定录像，因此没有启动。',
    `The vault cannot be used, or cannot be relied on to lock recordings, so nothing was started on it. ${why}`,
    { cause },
  );
}
