import { type Finding, finding, findingOf, inEnglish, unexpectedFinding } from '@fengcun/contracts';
import { MediaError } from '@fengcun/media';
import { VaultError } from '@fengcun/vault';

const messages = {
  vault_unfit: 'The vault does not do what sealing rests on, so the worker does not start; mend what is named',
  lock_missing: 'The vault does not show the lock that was asked for; nothing is sealed until it does, check the vault',
  object_incomplete:
    'The vault gave fewer bytes than the object has; nothing is sealed until it gives all, check the vault',
  hold_missing:
    'The vault does not show the legal hold as it was asked for; nothing counts as held or free until it does, check the vault',
  replica_missing:
    'There is a second copy in a replica vault, and this worker was given none; set FENGCUN_REPLICA_VAULT_DRIVER as it was',
  no_good_copy: 'No copy in any vault is known to be good; verify the item, then repair what is damaged',
  copy_unread:
    'A copy was stored and could not be read back, so it does not count; it is made again when the vault answers',
  copy_differs:
    'A copy was stored and is not what was sealed when read back, so it does not count; check vaults and network',
  copy_under_way: 'A copy of the item is just being made; what is asked for is done after that',
  seal_contradicted:
    'Catalogue and log do not agree on what was sealed, so no copy can be called good; restore the catalogue from a backup',
  taken_over: 'Another worker has taken this work over; its result will count',
} as const;

export type WorkerErrorCode = keyof typeof messages;

export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly code: WorkerErrorCode;
  /** what was found that led to it */
  readonly because: readonly Finding[];

  constructor(code: WorkerErrorCode, about?: string | readonly Finding[], options?: ErrorOptions) {
    const said = typeof about === 'object' ? inEnglish(about) : about;
    super(said ? `${messages[code]} (${said})` : messages[code], options);
    this.code = code;
    this.because = typeof about === 'object' ? about : [];
  }
}

/** What an error says, as findings: of the packages with closed codes by their code, of anything else in its own words. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (error instanceof WorkerError) return [finding(`work_${error.code}`, { said: '' }), ...error.because];
  if (error instanceof VaultError) return [findingOf('vault', error)];
  if (error instanceof MediaError && error.code !== 'aborted') {
    const { code, message, stderrTail } = error;
    return [findingOf('media', { code, message: stderrTail ? `${message}\n${stderrTail}` : message })];
  }
  return [unexpectedFinding(error)];
}
