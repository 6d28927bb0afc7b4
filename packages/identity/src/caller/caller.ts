import { type Executor, unitsUnder } from '@fengcun/catalog';
import { type ActorDraft, personal, type Role, type SignInStep, type TokenScope } from '@fengcun/contracts';
import type { FastifyRequest } from 'fastify';
import { refusal } from '../errors.ts';

export interface Person {
  readonly kind: 'person';
  readonly account: {
    readonly id: string;
    readonly login: string;
    readonly name: string;
    readonly officerNumber: string | null;
    readonly unitId: string;
  };
  /** session id */
  readonly session: string;
  /** when the session ends at the latest */
  readonly expiresAt: Date;
  readonly roles: readonly { readonly unit: string; readonly role: Role }[];
  readonly via: 'password' | 'oidc' | 'token';
  /** what a personal access token is good for; null: a browser's session, good for everything */
  readonly scopes: readonly TokenScope[] | null;
  /** what the sign-in still waits for; only routes whose rule says `pending` see anything but null */
  readonly pending: SignInStep | null;
  readonly secondFactor: { readonly enrolled: boolean; readonly required: boolean };
}

export interface DockCaller {
  readonly kind: 'dock';
  readonly dock: { readonly id: string; readonly name: string; readonly unitId: string };
}

export interface Anonymous {
  readonly kind: 'anonymous';
  /** source address */
  readonly address: string;
}

export type Caller = Person | DockCaller | Anonymous;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; anonymous on public routes, where nobody is asked. */
    caller: Caller;
  }
}

/** The signed-in person. Throws `sign_in_required` or `wrong_caller`. */
export function personOf(request: FastifyRequest): Person {
  const { caller } = request;
  if (caller.kind === 'person') return caller;
  throw refusal(caller.kind === 'dock' ? 'wrong_caller' : 'sign_in_required');
}

/** The dock. Throws `token_required` or `wrong_caller`. */
export function dockOf(request: FastifyRequest): DockCaller {
  const { caller } = request;
  if (caller.kind === 'dock') return caller;
  throw refusal(caller.kind === 'person' ? 'wrong_caller' : 'token_required');
}

/** Whoever may send recordings. Throws `sign_in_required`. */
export function senderOf(request: FastifyRequest): Person | DockCaller {
  const { caller } = request;
  if (caller.kind === 'anonymous') throw refusal('sign_in_required');
  return caller;
}

/** The caller as an event names them. */
export function actorOf(caller: Caller): ActorDraft {
  switch (caller.kind) {
    case 'person':
      return { kind: 'account', id: caller.account.id, name: personal(caller.account.name) };
    case 'dock':
      return { kind: 'dock', id: caller.dock.id, name: personal(caller.dock.name) };
    case 'anonymous':
      return { kind: 'anonymous', id: caller.address, name: null };
  }
}

/** Unit ids of the subtrees that a caller's roles reach; a dock: its own unit; nobody: none. */
export async function visibleUnits(catalog: Executor, caller: Caller): Promise<readonly string[]> {
  switch (caller.kind) {
    case 'person':
      return unitsUnder(catalog, [...new Set(caller.roles.map((held) => held.unit))]);
    case 'dock':
      return [caller.dock.unitId];
    case 'anonymous':
      return [];
  }
}
