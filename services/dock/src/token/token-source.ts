import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** seconds; the server allows 300 */
const lifetime = 240;
const renewBefore = 60;

/** Signs this dock's short-lived tokens (JWT, EdDSA). */
export interface TokenSource {
  /** a token good for at least another minute */
  token(): Promise<string>;
  /**
   * Learns the server's time from the `Date` header of a reply. A dock's clock is often wrong; its tokens must still be valid, and
   * uploads must not wait for someone to set the clock.
   */
  observe(date: string | null | undefined): void;
  /** server time minus ours, ms */
  readonly clockOffsetMs: number;
}

export function createTokenSource(options: { dockId: string; audience: string; key: KeyObject }): TokenSource {
  let current: { text: string; expires: number } | undefined;
  let clockOffsetMs = 0;
  return {
    get clockOffsetMs() {
      return clockOffsetMs;
    },
    observe(date) {
      const server = date ? Date.parse(date) : Number.NaN;
      if (Number.isNaN(server)) return;
      const offset = server - Date.now();
      // The header has whole seconds and the reply took time to arrive; smaller differences are noise.
      if (Math.abs(offset - clockOffsetMs) < 2000) return;
      clockOffsetMs = offset;
      current = undefined;
    },
    async token() {
      const now = Math.floor((Date.now() + clockOffsetMs) / 1000);
      if (!current || current.expires - renewBefore < now) {
        const expires = now + lifetime;
        const text = await new SignJWT()
          .setProtectedHeader({ alg: 'EdDSA', kid: options.dockId })
          .setSubject(options.dockId)
          .setAudience(options.audience)
          .setIssuedAt(now)
          .setExpirationTime(expires)
          .sign(options.key);
        current = { text, expires };
      }
      return current.text;
    },
  };
}
