import { VaultError } from '../../errors.ts';
import type { ProbeFinding } from '../../port.ts';
import { failureOf } from '../failures.ts';

/** Thrown by a check that could not be tried; its message says why. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** Collects findings, one per check, in the order they were asked for. */
export class Findings {
  readonly #findings: ProbeFinding[] = [];

  get all(): readonly ProbeFinding[] {
    return this.#findings;
  }

  /**
   * `work` answers the detail of a check that passed. What it throws is the detail of one that failed - or that was not checked: an engine that
   * did not answer has neither held nor broken its word.
   */
  async check(check: string, must: boolean, work: () => Promise<string>): Promise<void> {
    try {
      this.#findings.push({ check, outcome: 'passed', detail: await work(), must });
    } catch (error) {
      const tried = !(error instanceof NotTried || (error instanceof VaultError && error.code === 'unavailable'));
      const detail = error instanceof Error ? error.message : String(error);
      this.#findings.push({ check, outcome: tried ? 'failed' : 'not_checked', detail, must });
    }
  }

  notChecked(check: string, detail: string): void {
    this.#findings.push({ check, outcome: 'not_checked', detail, must: false });
  }
}

/**
 * Tries something the engine must refuse. Answers its word for the refusal, or null when it agreed: what it then did, the object has to show.
 * Rejects when it did not answer.
 */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<string | null> {
  try {
    await attempt();
    return null;
  } catch (error) {
    if (error instanceof VaultError && error.code !== 'unavailable') return failureOf(error.cause).code;
    // `unavailable` also stands for answers of no known kind; a final one is a refusal all the same.
    const failure = error instanceof VaultError && error.cause !== undefined ? failureOf(error.cause) : null;
    if (failure?.kind === 'final') return failure.code;
    throw error;
  }
}

/** "refused (AccessDenied)", or what it means that it was not. */
export const refusalText = (refusal: string | null): string =>
  refusal === null ? 'answered as if done, but nothing changed' : `refused (${refusal})`;
