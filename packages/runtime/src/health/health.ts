/** A named question with a bounded time to answer; rejecting means not ready. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void>;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'passed' | 'failed'>>;
}

const limitMs = 2000;

/** Asks all checks at once; one that takes longer than two seconds has failed. */
export async function reportHealth(checks: readonly HealthCheck[]): Promise<HealthReport> {
  const outcomes = await Promise.all(
    checks.map(async ({ name, check }) => {
      const passed = await Promise.race([
        check().then(
          () => true,
          () => false,
        ),
        new Promise<false>((resolve) => setTimeout(resolve, limitMs, false).unref()),
      ]);
      return [name, passed ? 'passed' : 'failed'] as const;
    }),
  );
  return { ready: outcomes.every(([, outcome]) => outcome === 'passed'), checks: Object.fromEntries(outcomes) };
}
