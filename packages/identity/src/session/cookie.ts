import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const sessionCookie = 'fengcun_session';

const tokenBytes = 32;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** A personal access token: recognisable, also by scanners that look for leaked ones. */
export const accessTokenPattern = /^fcp_[A-Za-z0-9_-]{43}$/;

export function newAccessToken(): { readonly token: string; readonly hash: Buffer } {
  const token = `fcp_${randomBytes(tokenBytes).toString('base64url')}`;
  return { token, hash: hashSessionToken(token) };
}

/** A fresh token and what is kept of it: its SHA-256, so that a stolen table opens nothing. */
export function newSessionToken(): { readonly token: string; readonly hash: Buffer } {
  const token = randomBytes(tokenBytes).toString('base64url');
  return { token, hash: hashSessionToken(token) };
}

/** 256 random bits need no salt and no slow hash. */
export function hashSessionToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The token a request carries, or undefined where there is none that could be ours. */
export function sessionTokenOf(request: FastifyRequest): string | undefined {
  const token = request.cookies[sessionCookie];
  return token !== undefined && tokenPattern.test(token) ? token : undefined;
}

/** Gives the browser its token: unreadable for scripts, never sent from another site's pages, only over TLS where there is TLS. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  reply.setCookie(sessionCookie, token, { ...attributes(request), expires });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(sessionCookie, attributes(request));
}

const attributes = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' }) as const;
