import { describe, expect, test } from 'vitest';
import { TransientError, withRetries } from './retry.ts';

const policy = (patienceMs = 60_000) => ({ patienceMs, signal: new AbortController().signal });
const busy = () => new TransientError('busy', { retryAfterMs: 0 });

describe('withRetries', () => {
  test('goes on through faults that pass', async () => {
    let attempts = 0;
    const answer = await withRetries(policy(), async () => {
      if (++attempts < 4) throw busy();
      return 'done';
    });
    expect([answer, attempts]).toEqual(['done', 4]);
  });

  test('gives an unreachable server up when patience ends, and says how to resume', async () => {
    const attempt = () =>
      Promise.reject(new TransientError('The server cannot be reached.', { unreachable: true, retryAfterMs: 2 }));
    await expect(withRetries(policy(1), attempt)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('resume'),
    });
  });

  test('stops at once when the token is refused again and again', async () => {
    let attempts = 0;
    const attempt = () => {
      attempts++;
      return Promise.reject(new TransientError('revoked', { tokenRefused: true, retryAfterMs: 0 }));
    };
    await expect(withRetries(policy(), attempt)).rejects.toMatchObject({ code: 'refused' });
    expect(attempts).toBe(3);
  });

  test('does not repeat what was refused for good', async () => {
    let attempts = 0;
    await expect(
      withRetries(policy(), () => {
        attempts++;
        return Promise.reject(new RangeError('no'));
      }),
    ).rejects.toThrow(RangeError);
    expect(attempts).toBe(1);
  });
});
