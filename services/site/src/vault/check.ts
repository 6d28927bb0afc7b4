import { openVault, type ProbeFinding, type Vault, type VaultConfig } from '@fengcun/vault';
import { refused, refusing } from './refusal.ts';

/** What the engine proved at this start. */
export interface VaultCheck {
  readonly protection: 'enforced' | 'advisory';
  readonly passed: number;
  /** what the engine lacks and the vault does without */
  readonly lacking: number;
  readonly notChecked: number;
  readonly findings: readonly ProbeFinding[];
}

/**
 * Tries on the engine what is relied on, before anything is kept there: what `fengcun-vault check` does.
 *
 * @throws SiteError `vault_refused`, naming what did not hold
 */
export async function checkVault(config: VaultConfig): Promise<VaultCheck> {
  const vault = await refusing(() => openVault(config));
  try {
    const findings = await refusing(() => vault.probe());
    const broken = findings.filter(({ must, outcome }) => must && outcome !== 'passed');
    if (broken.length > 0) throw refused(broken.map(({ check, detail }) => `${check}: ${detail}`).join('\n       '));
    return checkOf(vault, findings);
  } finally {
    await vault.close();
  }
}

function checkOf(vault: Vault, findings: readonly ProbeFinding[]): VaultCheck {
  const count = (wanted: ProbeFinding['outcome']) => findings.filter(({ outcome }) => outcome === wanted).length;
  return {
    protection: vault.capabilities.protection,
    passed: count('passed'),
    // A failed must has thrown before.
    lacking: count('failed'),
    notChecked: count('not_checked'),
    findings,
  };
}

/** The outcome as told to a person who starts the site: the counts, and by name whatever did not pass. */
export function checkLines(check: VaultCheck): { chinese: string; english: string; details: readonly string[] } {
  const [chinese, english] =
    check.protection === 'enforced'
      ? ['强制保护（由存储引擎执行）', 'protection enforced by the engine']
      : ['提示性保护（不能阻止本机管理员）', 'protection advisory'];
  return {
    chinese: `存储检查：通过 ${check.passed}，引擎不具备 ${check.lacking}（不依赖），未检查 ${check.notChecked}；${chinese}`,
    english: `vault check: ${check.passed} passed, ${check.lacking} lacking (done without), ${check.notChecked} not checked; ${english}`,
    details: check.findings
      .filter(({ outcome }) => outcome !== 'passed')
      .map(
        ({ check: name, outcome, detail }) =>
          `${outcome === 'failed' ? '不具备 lacking' : '未检查 not checked'}  ${name}: ${detail}`,
      ),
  };
}
