/** Longest wait that is taken from a reply, in seconds: a wrong clock in between must not silence anybody for a day. */
const longest = 300;

/**
 * The seconds a reply asks its caller to wait, at most 300, or null when it does not say. Both forms of Retry-After (RFC 9110, 10.2.3): a number
 * of seconds, or a date, measured from `now`.
 */
export function readRetryAfter(value: string | null | undefined, now: number = Date.now()): number | null {
  if (value === null || value === undefined || value.trim() === '') return null;
  const seconds = /^\s*\d+\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(longest, Math.max(0, Math.ceil(seconds)));
}
