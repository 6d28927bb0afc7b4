import type { AnnouncedFile, SealClaim, SealFinding } from '@fengcun/catalog';
import type { ReadBack } from './read-back.ts';

/** What was declared and what was received, as far as a comparison needs it. */
export type Expected = Pick<SealClaim, 'declaredSha256' | 'receivedSha256' | 'size' | 'parts'> & {
  readonly announced: AnnouncedFile | null;
};

/**
 * Compares declared, received and read back (design: ingest, "Seal", 3). A declaration that was not made is skipped, and stays null on
 * record: not declared is not equal. Of several differences the one nearest to the stored bytes is named, because the others may follow
 * from it.
 */
export function compare(expected: Expected, found: ReadBack): SealFinding['verdict'] {
  const receivedSize = expected.parts.reduce((sum, part) => sum + part.size, 0);
  if (found.size !== receivedSize || (expected.size !== null && found.size !== expected.size)) {
    return differs(
      'object_differs',
      `The stored object has ${found.size} bytes; ${receivedSize} were acknowledged in parts, and the upload was to have ${expected.size ?? 'any number of'}.`,
    );
  }
  const wrong = expected.parts.filter((part, at) => part.sha256 !== found.parts[at]).map((part) => part.partNumber);
  if (wrong.length > 0) {
    return differs(
      'part_digest_differs',
      `Read back, ${wrong.length} of ${expected.parts.length} parts do not have the digest they were received with, the first of them part ${wrong[0]}.`,
    );
  }
  if (expected.receivedSha256 !== null && expected.receivedSha256 !== found.sha256) {
    return differs(
      'object_differs',
      `As received the whole had SHA-256 ${expected.receivedSha256}; read back it has ${found.sha256}.`,
    );
  }
  if (expected.announced !== null && expected.announced.size !== found.size) {
    return differs(
      'declared_size_differs',
      `The sender announced ${expected.announced.size} bytes; ${found.size} arrived.`,
    );
  }
  const declarations = [expected.declaredSha256, expected.announced?.sha256 ?? null];
  const contradicted = declarations.find((sha256) => sha256 !== null && sha256 !== found.sha256);
  if (contradicted) {
    return differs(
      'declared_digest_differs',
      `The sender declared SHA-256 ${contradicted}; what arrived has ${found.sha256}.`,
    );
  }
  return { state: 'sealed' };
}

function differs(
  code: Extract<SealFinding['verdict'], { state: 'quarantined' }>['code'],
  detail: string,
): SealFinding['verdict'] {
  return { state: 'quarantined', code, detail };
}
