import type { Vault } from '@fengcun/vault';
import type { KyselyPlugin } from 'kysely';

/** A vault with some of its methods replaced. */
export function intercepted(vault: Vault, methods: Partial<Vault>): Vault {
  return new Proxy(vault, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Calls `die` after each call has taken effect. */
export function dyingVault(vault: Vault, die: () => void): Vault {
  const read: Vault['read'] = async function* (version, range) {
    yield* vault.read(version, range);
    die();
  };
  return new Proxy(vault, {
    get(target, name) {
      const value: unknown = name === 'read' ? read : Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'read') return value;
      return async (...args: unknown[]) => {
        const result = await Reflect.apply(value, target, args);
        die();
        return result;
      };
    },
  });
}

/** Calls `die` after each statement; inside a transaction that means before its commit. */
export const dyingPlugin = (die: () => void): KyselyPlugin => ({
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    die();
    return result;
  },
});
