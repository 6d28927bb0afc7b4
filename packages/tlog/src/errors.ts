/**
 * Everything that can be wrong with log material, as a closed set. A caller maps a code to a status or a sentence; nobody parses
 * messages. Material is what an attacker hands us; `argument_invalid` alone is the caller's own mistake.
 */
export type TlogErrorCode =
  | 'argument_invalid'
  | 'bundle_malformed'
  | 'checkpoint_malformed'
  | 'checkpoint_wrong_origin'
  | 'commitment_malformed'
  | 'consistency_mismatch'
  | 'encoding_malformed'
  | 'entry_malformed'
  | 'entry_not_canonical'
  | 'entry_too_large'
  | 'inclusion_mismatch'
  | 'json_malformed'
  | 'key_ambiguous'
  | 'key_malformed'
  | 'key_type_unsupported'
  | 'note_malformed'
  | 'note_not_signed'
  | 'opening_mismatch'
  | 'proof_malformed'
  | 'signature_invalid'
  | 'tile_malformed'
  | 'tile_path_malformed'
  | 'tile_unavailable';

export class TlogError extends Error {
  override readonly name = 'TlogError';
  readonly code: TlogErrorCode;

  constructor(code: TlogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
