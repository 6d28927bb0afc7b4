import { type Finding, type FindingCode, finding, findingDefinitions, saidBy, sayFindings } from './finding.ts';

/**
 * How findings are kept: as JSON in the column that used to hold one English sentence, so that a code and a sentence beside it can never
 * disagree. What earlier versions wrote stays as it is and is read as a sentence.
 */
export function storeFindings(findings: readonly Finding[]): string {
  return JSON.stringify(findings.map(({ code, facts }) => ({ code, facts })));
}

/** The findings behind a stored text; undefined when it is a sentence of an earlier version. */
export function storedFindings(stored: string): Finding[] | undefined {
  if (!stored.startsWith('[{"code":')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(stored);
  } catch {
    return undefined;
  }
  return Array.isArray(parsed) && parsed.every(isFinding) ? parsed : undefined;
}

function isFinding(value: unknown): value is Finding {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('facts' in value)) return false;
  const { code, facts } = value;
  if (typeof code !== 'string' || !Object.hasOwn(findingDefinitions, code)) return false;
  if (typeof facts !== 'object' || facts === null) return false;
  return Object.entries(findingDefinitions[code as FindingCode].facts).every(([name, kind]) => {
    const found = typeof (facts as Record<string, unknown>)[name];
    return found === (kind === 'number' ? 'number' : 'string') || (kind === 'said' && found === 'undefined');
  });
}

/** A stored text as the API gives it: `detail` in English whatever it was, and the findings where there are any. */
export function toldOf(stored: string): { detail: string; findings?: Finding[] } {
  const findings = storedFindings(stored);
  return findings === undefined ? { detail: stored } : { detail: inEnglish(findings), findings };
}

/** The same for a column that may be empty. */
export const toldOfNullable = (stored: string | null): { detail: string | null; findings?: Finding[] } =>
  stored === null ? { detail: null } : toldOf(stored);

/** One text in English with what programs said, for logs, events and messages. */
export function inEnglish(findings: readonly Finding[]): string {
  const said = saidBy(findings);
  const sentence = sayFindings(findings, 'en');
  return said.length === 0 ? sentence : `${sentence} (${said.join('; ')})`;
}

type CodesUnder<P extends string> = FindingCode extends infer C
  ? C extends `${P}_${infer Rest}`
    ? Rest
    : never
  : never;

/** The finding for an error of a package with closed codes: it is named `<prefix>_<code>`, or does not compile. */
export const findingOf = <P extends 'vault' | 'work' | 'media' | 'ledger'>(
  prefix: P,
  error: { readonly code: CodesUnder<P>; readonly message: string },
): Finding => finding(`${prefix}_${error.code}` as 'unexpected', { said: error.message });

/** The finding for an error of which nothing more is known. */
export const unexpectedFinding = (error: unknown): Finding =>
  finding('unexpected', { said: error instanceof Error ? error.message : String(error) });
