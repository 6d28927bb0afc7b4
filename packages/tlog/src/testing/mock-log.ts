import { formatCheckpoint } from '../checkpoint/checkpoint.ts';
import { cosign } from '../cosignature/cosignature.ts';
import { encodeUtf8 } from '../encoding/text.ts';
import { formatEntry, type LogEntry } from '../entry/entry.ts';
import { TlogError } from '../errors.ts';
import { asHash, type Hash } from '../hash/hash.ts';
import { portableHasher, sha256 } from '../hash/hasher.ts';
import { signNote } from '../note/note.ts';
import { ed25519Signer, publicKeyOf, type SigningKey } from '../note/signer.ts';
import { formatVerifierKey, type KeyType, type VerifierKey } from '../note/verifier-key.ts';
import { formatLogProof } from '../proof/log-proof.ts';
import { EMPTY_EDGE, integrate, type RightEdge } from '../tile/right-edge.ts';
import { tilePath } from '../tile/tile.ts';
import { type TileReader, type TileTree, tileTree } from '../tile/tile-tree.ts';

/** A witness that cosigns whatever it is shown. */
export interface MockWitness {
  readonly key: SigningKey;
  /** POSIX seconds */
  readonly timestamp: number;
}

export interface MockLogOptions {
  readonly origin?: string;
  /** the log's key; the same origin always gets the same one otherwise */
  readonly key?: SigningKey;
  readonly witnesses?: readonly MockWitness[];
}

/** A key that a test can count on: its seed follows from its name. Worthless outside tests. */
export function mockSigningKey(name: string, type: KeyType = 'ed25519'): SigningKey {
  return { name, type, seed: sha256(encodeUtf8(`mock key ${type} ${name}`)) };
}

/** A whole log in memory, with real tiles, signatures and proofs: the peer that tests of clients and verifiers talk to. */
export class MockLog {
  readonly origin: string;
  readonly key: SigningKey;
  readonly witnesses: readonly MockWitness[];
  readonly #tiles = new Map<string, Uint8Array>();
  readonly #entries: Uint8Array[] = [];
  #edge: RightEdge = EMPTY_EDGE;

  constructor(options: MockLogOptions = {}) {
    this.origin = options.origin ?? 'mock.example/log';
    this.key = options.key ?? mockSigningKey(this.origin);
    this.witnesses = options.witnesses ?? [];
  }

  get size(): number {
    return this.#edge.size;
  }

  get verifierKey(): VerifierKey {
    return publicKeyOf(this.key);
  }

  get vkey(): string {
    return formatVerifierKey(this.verifierKey);
  }

  /** vkeys of the log and of its witnesses */
  get vkeys(): string[] {
    return [this.vkey, ...this.witnesses.map(({ key }) => formatVerifierKey(publicKeyOf(key)))];
  }

  /** Appends an entry's bytes and returns its index. */
  append(entry: Uint8Array): number {
    const { edge, tiles } = integrate(this.#edge, [portableHasher.leaf(entry)]);
    for (const { tile, bytes } of tiles) this.#tiles.set(tilePath(tile), bytes);
    this.#entries.push(entry);
    this.#edge = edge;
    return edge.size - 1;
  }

  appendEntry(entry: LogEntry): number {
    return this.append(formatEntry(entry));
  }

  entry(index: number): Uint8Array {
    const entry = this.#entries[index];
    if (!entry) throw new TlogError('argument_invalid', `The mock log has no entry ${index}.`);
    return entry;
  }

  readonly readTiles: TileReader = async (tiles) =>
    tiles.map((tile) => {
      const bytes = this.#tiles.get(tilePath(tile));
      if (!bytes) throw new TlogError('tile_unavailable', `The mock log has no ${tilePath(tile)}.`);
      return bytes;
    });

  tree(size = this.size): TileTree {
    return tileTree(size, this.readTiles);
  }

  /** A signed and cosigned checkpoint; `root` may be forged. */
  async checkpoint(size = this.size, root?: Hash): Promise<string> {
    const text = formatCheckpoint({
      origin: this.origin,
      size,
      root: root ?? (await this.tree(size).root()),
      extensions: [],
    });
    const note = await signNote(text, [ed25519Signer(this.key)]);
    return note + this.witnesses.map(({ key, timestamp }) => `${cosign(text, key, timestamp)}\n`).join('');
  }

  /** The tlog-proof of an entry in the tree of `size`. */
  async proof(index: number, size = this.size): Promise<string> {
    const hashes = await this.tree(size).inclusionProof(index);
    return formatLogProof({ index, hashes, checkpoint: await this.checkpoint(size) });
  }
}

/** Some hash that is nobody's root. */
export function strayHash(text = 'stray'): Hash {
  return asHash(sha256(encodeUtf8(text)));
}
