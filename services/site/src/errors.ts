/** Why the site could not be started or stopped; each code has a sentence in both languages. */
export type SiteErrorCode =
  | 'usage'
  | 'port_taken'
  | 'address_unavailable'
  | 'vault_differs'
  | 'vault_record_unreadable'
  | 'vault_refused'
  | 'keys_missing'
  | 'keys_unreadable'
  | 'program_failed'
  | 'not_ours'
  | 'stop_timeout'
  | 'demo_failed'
  | 'interrupted';

/** An outcome told to a person: Chinese first, then English. `message` is the English one. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
  readonly code: SiteErrorCode;
  readonly chinese: string;

  constructor(code: SiteErrorCode, chinese: string, english: string, options?: ErrorOptions) {
    super(english, options);
    this.code = code;
    this.chinese = chinese;
  }
}
