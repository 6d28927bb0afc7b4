import { api } from '@fengcun/contracts';

const problems = ['oidc_unavailable', 'oidc_refused', 'oidc_unknown_person', 'oidc_expired'] as const;
const parameter = 'signInProblem';

/** Why signing in at the identity provider came to nothing, where the address says so. */
export function problemOfAddress(search: string): (typeof problems)[number] | null {
  const code = new URLSearchParams(search).get(parameter);
  if (code === null) return null;
  return problems.find((known) => known === code) ?? 'oidc_refused';
}

/** Where the browser goes to sign in at the identity provider and to come back to this page. */
export function oidcLink({ pathname, search }: { readonly pathname: string; readonly search: string }): string {
  const asked = new URLSearchParams(search);
  asked.delete(parameter);
  const rest = asked.size > 0 ? `?${asked.toString()}` : '';
  return `${api.beginOidcSession.path}?${new URLSearchParams({ return: pathname + rest }).toString()}`;
}
