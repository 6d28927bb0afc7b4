import { readFile } from 'node:fs/promises';
import type { Role } from '@fengcun/contracts';
import type { SiteLayout } from '../data/layout.ts';
import type { VaultFacts } from '../vault/engine.ts';

export interface DemoAccount {
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Base32 secret for an authenticator, where the roles ask for a second factor; `oathtool --totp -b SECRET` says the code of now. */
  readonly secondFactor?: string;
}

/** What `demo.json` tells scripts, and people. */
export interface DemoFacts {
  readonly url: string;
  readonly accounts: readonly DemoAccount[];
  readonly dock: { readonly id: string; readonly name: string; readonly home: string; readonly keyPath: string };
  readonly device: { readonly id: string; readonly serial: string };
  readonly officer: string;
  readonly unit: { readonly id: string; readonly name: string };
  /** Folder that was handed over; receipts are beside the files. */
  readonly footage: string;
  readonly evidence: readonly { readonly id: string; readonly name: string }[];
  readonly vault: VaultFacts;
}

/** The demo of this site, if one was made. */
export async function readDemo(layout: SiteLayout): Promise<DemoFacts | undefined> {
  try {
    return JSON.parse(await readFile(layout.demo, 'utf8')) as DemoFacts;
  } catch {
    return undefined;
  }
}
