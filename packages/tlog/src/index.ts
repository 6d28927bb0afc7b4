/**
 * RFC 6962 trees and the C2SP transparency log formats (c2sp.org: tlog-tiles, tlog-checkpoint, signed-note, tlog-proof,
 * tlog-cosignature). Pure, synchronous but for signing and tile reading, and the same in browsers. Everything parsed is an attacker's.
 */
export { type Checkpoint, formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint/checkpoint.ts';
export { type CheckpointTrust, type OpenedCheckpoint, openCheckpoint } from './checkpoint/open-checkpoint.ts';
export {
  type Commitment,
  commit,
  commitmentPaths,
  commitmentTo,
  isCommitment,
  type Opening,
  verifyOpening,
} from './commitment/commitment.ts';
export { type Cosignature, checkCosignature, cosign } from './cosignature/cosignature.ts';
export { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './encoding/base64.ts';
export { decodeUtf8, encodeUtf8, equalBytes } from './encoding/text.ts';
export { asEntry, formatEntry, isInstant, type LogEntry, parseEntry } from './entry/entry.ts';
export { isJsonObject, type JsonObject, type JsonValue, parseStrictJson } from './entry/strict-json.ts';
export { TlogError, type TlogErrorCode } from './errors.ts';
export { asHash, formatHash, HASH_BYTES, type Hash, hashFromHex, hashToHex, parseHash } from './hash/hash.ts';
export { portableHasher, type Sha256, sha256, type TreeHasher, treeHasher } from './hash/hasher.ts';
export {
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
  signNote,
} from './note/note.ts';
export {
  checkEd25519,
  type OpenedNote,
  openNote,
  type SignatureCheck,
  type SignatureSurvey,
  surveySignatures,
  type VerifiedSignature,
} from './note/open-note.ts';
export {
  ed25519Signer,
  formatSigningKey,
  generateSigningKey,
  type NoteSigner,
  parseSigningKey,
  publicKeyOf,
  type SigningKey,
} from './note/signer.ts';
export {
  formatKeyId,
  formatVerifierKey,
  type KeyType,
  keyId,
  parseVerifierKey,
  sameKey,
  type VerifierKey,
  verifierKey,
} from './note/verifier-key.ts';
export { formatLogProof, type LogProof, parseLogProof, verifyLogProof } from './proof/log-proof.ts';
export { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './tile/entry-bundle.ts';
export {
  EMPTY_EDGE,
  type Integration,
  integrate,
  loadRightEdge,
  type RightEdge,
  rightEdgeTiles,
  rootOfEdge,
  type TileContent,
} from './tile/right-edge.ts';
export {
  type EntryBundle,
  entryBundlePath,
  newTiles,
  parseEntryBundlePath,
  parseTilePath,
  partialWidth,
  TILE_WIDTH,
  type Tile,
  tileAt,
  tilePath,
} from './tile/tile.ts';
export { type TileReader, type TileTree, tilesForConsistency, tilesForInclusion, tileTree } from './tile/tile-tree.ts';
export { coveringNodes, foldNodes, type LeafRange, type NodeId } from './tree/nodes.ts';
export { consistencyRanges, inclusionRanges } from './tree/proofs.ts';
export { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from './tree/verify.ts';
