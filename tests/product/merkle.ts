import { createHash } from 'node:crypto';

// RFC 6962, section 2.1, written down once more and straight from the text: a check that shares its code with what it checks sees nothing.

const digest = (prefix: number, ...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256').update(Buffer.of(prefix));
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const leafHash = (leaf: Uint8Array): Buffer => digest(0, leaf);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => digest(1, left, right);

/** Takes leaf hashes one by one and knows the root at every size. */
export class GrowingTree {
  /** roots of the perfect subtrees, largest first, with their heights */
  readonly #peaks: { readonly height: number; readonly hash: Buffer }[] = [];
  size = 0;

  add(leaf: Buffer): void {
    this.size += 1;
    let node = { height: 0, hash: leaf };
    for (let last = this.#peaks.at(-1); last?.height === node.height; last = this.#peaks.at(-1)) {
      this.#peaks.pop();
      node = { height: node.height + 1, hash: nodeHash(last.hash, node.hash) };
    }
    this.#peaks.push(node);
  }

  root(): Buffer {
    const hashes = this.#peaks.map(({ hash }) => hash);
    const last = hashes.pop();
    if (!last) return createHash('sha256').digest();
    return hashes.reduceRight((right, left) => nodeHash(left, right), last);
  }
}
