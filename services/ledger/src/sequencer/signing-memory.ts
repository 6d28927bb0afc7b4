import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The tree head this key signed last. */
export interface SignedHead {
  readonly size: number;
  /** base64 */
  readonly root: string;
}

/**
 * What the signing key remembers of itself, kept beside the key and not in the database: a database restored to an older state, or edited
 * behind our back, must not get a second history signed.
 */
export interface SigningMemory {
  last(): Promise<SignedHead | undefined>;
  /** Durable before it resolves. */
  remember(head: SignedHead): Promise<void>;
}

export function fileSigningMemory(path: string): SigningMemory {
  return {
    async last() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parse(text);
    },
    async remember(head) {
      const temporary = `${path}.tmp`;
      await using file = await open(temporary, 'w', 0o600);
      await file.writeFile(`${head.size} ${head.root}\n`);
      await file.datasync();
      await rename(temporary, path);
      await using directory = await open(dirname(path), 'r');
      await directory.sync();
    },
  };
}

function parse(text: string): SignedHead {
  const match = /^(\d+) ([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  if (!match?.[1] || !match[2])
    throw new SyntaxError('The memory of the signing key is damaged; restore it from the last published checkpoint');
  return { size: Number(match[1]), root: match[2] };
}
