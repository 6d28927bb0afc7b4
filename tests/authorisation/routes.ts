import type { RegisteredRoute } from '@fengcun/access/testing';
import {
  type Api,
  api,
  type Role,
  type RouteContract,
  type RouteRule,
  roles,
  type TokenScope,
} from '@fengcun/contracts';
import { beyondApi, expectations } from './expectations.ts';

const letters: Readonly<Record<Role, string>> = {
  officer: 'o',
  supervisor: 's',
  legal: 'l',
  bureau_head: 'b',
  archivist: 'a',
  auditor: 'u',
  system_admin: 'y',
  security_admin: 'x',
};

/** Who is expected to get in. */
export interface Expected {
  /** anybody at all */
  readonly open: boolean;
  readonly dock: boolean;
  readonly roles: readonly Role[];
  readonly scope: TokenScope | 'session';
  readonly pending: boolean;
}

/** A route that a service registered, and what is expected of it. */
export interface Route extends Expected {
  /** of the API, or else method and address */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly rule: RouteRule;
  /** null: no part of the API document */
  readonly contract: RouteContract | null;
}

export interface RouteTable {
  readonly routes: readonly Route[];
  /** registered, and expected nowhere */
  readonly unexpected: readonly string[];
  /** expected, and registered nowhere */
  readonly missing: readonly string[];
}

/** Compares what the services told Fastify with the expectations, in both directions. */
export function tableOf(registered: readonly RegisteredRoute[]): RouteTable {
  const names = new Map(
    (Object.entries(api) as [keyof Api, RouteContract][]).map(([name, { method, path }]) => [
      `${method} ${path}`,
      name,
    ]),
  );
  const routes: Route[] = [];
  const unexpected: string[] = [];
  const missing = new Set([...names.keys(), ...Object.keys(beyondApi)]);
  for (const { method: methods, url, config } of registered) {
    // Fastify adds HEAD to GET by itself, with the same configuration.
    if (methods === 'HEAD') continue;
    for (const method of [methods].flat()) {
      const key = `${method} ${url}`;
      const name = names.get(key);
      const said = name ? expectations[name] : beyondApi[key];
      missing.delete(key);
      if (said === undefined || !config?.rule) unexpected.push(key);
      else {
        const contract = name ? (api[name] as RouteContract) : null;
        routes.push({ name: name ?? key, method, path: url, rule: config.rule, contract, ...expectedOf(said) });
      }
    }
  }
  return { routes, unexpected, missing: [...missing] };
}

function expectedOf(text: string): Expected {
  if (text === 'public') return { open: true, dock: false, roles: [], scope: 'session', pending: false };
  const dock = text.startsWith('dock ');
  const [who = '', scope = '', pending] = text.replace('dock ', '').split(' ');
  return {
    open: false,
    dock,
    roles: roles.filter((role) => who === 'anyone' || who.includes(letters[role])),
    scope: scope as TokenScope | 'session',
    pending: pending === 'pending',
  };
}

export const noSuchId = '00000000-0000-7000-8000-000000000000';

/** An address of a route, with these parameters where it has them and something that fits where it does not say. */
export function addressOf({ path }: Route, params: Readonly<Record<string, string>> = {}): string {
  const fitting: Readonly<Record<string, string>> = {
    id: noSuchId,
    kind: 'proxy',
    picture: 'poster',
    segment: '0.m4s',
    session: noSuchId,
    unit: noSuchId,
    role: 'officer',
    version: '1',
    index: '0',
    ...params,
  };
  const rest =
    params['*'] ?? (path.includes('/tile/entries/') ? '000.p/1' : path.includes('/tile/') ? '0/000.p/1' : 'x');
  return path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(fitting[key] ?? noSuchId)).replace('*', rest);
}
