import { type Client, createClient } from '@fengcun/contracts';

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

export async function signIn(url: string, credentials: { login: string; password: string }): Promise<Person> {
  const { login, password } = credentials;
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ login, password }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`signing in as ${login} was answered with ${response.status}: ${text}`);
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
  const headers = { cookie, origin: url };
  return { call: createClient({ baseUrl: url, headers: () => headers }).call, headers };
}
