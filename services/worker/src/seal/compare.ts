import type { AnnouncedFile, SealClaim, SealFinding } from '@fengcun/catalog';
import { type Finding, finding } from '@fengcun/contracts';
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
    const sizes = { found: found.size, received: receivedSize };
    return differs(
      'object_differs',
      expected.size === null || expected.size === receivedSize
        ? finding('object_size_differs', sizes)
        : finding('object_size_unexpected', { ...sizes, expected: expected.size }),
    );
  }
  const wrong = expected.parts.filter((part, at) => part.sha256 !== found.parts[at]).map((part) => part.partNumber);
  if (wrong.length > 0) {
    const differing = { wrong: wrong.length, parts: expected.parts.length, first: wrong[0] ?? 0 };
    return differs('part_digest_differs', finding('parts_differ', differing));
  }
  if (expected.receivedSha256 !== null && expected.receivedSha256 !== found.sha256) {
    const digests = { received: expected.receivedSha256, found: found.sha256 };
    return differs('object_differs', finding('received_differs', digests));
  }
  if (expected.announced !== null && expected.announced.size !== found.size) {
    const sizes = { declared: expected.announced.size, found: found.size };
    return differs('declared_size_differs', finding('declared_size_differs', sizes));
  }
  const declarations = [expected.declaredSha256, expected.announced?.sha256 ?? null];
  const contradicted = declarations.find((sha256) => sha256 !== null && sha256 !== found.sha256);
  if (contradicted) {
    const digests = { declared: contradicted, found: found.sha256 };
    return differs('declared_digest_differs', finding('declared_differs', digests));
  }
  return { state: 'sealed' };
}

function differs(
  code: Extract<SealFinding['verdict'], { state: 'quarantined' }>['code'],
  ...findings: readonly Finding[]
): SealFinding['verdict'] {
  return { state: 'quarantined', code, findings };
}
