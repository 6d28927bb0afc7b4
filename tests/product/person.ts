import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '@fengcun/contracts';
import { fromBase32, totpCode, totpStep } from '@fengcun/identity';

/** Logins of the demo's people. */
export type PersonName =
  | 'officer'
  | 'traffic'
  | 'supervisor'
  | 'legal'
  | 'head'
  | 'archivist'
  | 'auditor'
  | 'sysadmin'
  | 'secadmin';

/** Somebody signed in, as a browser would be. */
export interface Person {
  readonly call: Client['call'];
  /** for requests outside the typed API */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Credentials {
  readonly login: string;
  readonly password: string;
  /** base32, of those whose roles ask for a second factor */
  readonly secondFactor?: string;
}

/** Signs in in one request, with the code of the second factor where there is one. */
export async function signIn(url: string, { login, password, secondFactor }: Credentials): Promise<Person> {
  let step = totpStep(new Date());
  for (;;) {
    const code = secondFactor === undefined ? {} : { code: totpCode(fromBase32(secondFactor), step) };
    const response = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ login, password, ...code }),
    });
    const text = await response.text();
    if (response.status === 201) return personWith(url, response);
    if (response.status !== 409 || !text.includes('code_used')) {
      throw new Error(`signing in as ${login} was answered with ${response.status}: ${text}`);
    }
    // Somebody has signed in with this code, as a test file before us did. The next one is taken a step early.
    step = Math.max(step, totpStep(new Date())) + 1;
    await delay(Math.max(0, (step - 1) * 30_000 + 100 - Date.now()));
  }
}

function personWith(url: string, response: Response): Person {
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
  return personOf(url, cookie);
}

/** Whoever has this cookie. */
export function personOf(url: string, cookie: string): Person {
  const headers = { cookie, origin: url };
  return { call: createClient({ baseUrl: url, headers: () => headers }).call, headers };
}
