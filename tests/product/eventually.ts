import { vi } from 'vitest';

/** Waits for a state, with patience for a machine under load: tries until `check` does not throw, and then answers what it answered. */
export function eventually<T>(check: () => Promise<T> | T, options: { within?: number } = {}): Promise<T> {
  return vi.waitFor(check, { timeout: options.within ?? 120_000, interval: 50 });
}
