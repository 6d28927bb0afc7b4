import { Problem } from '@fengcun/runtime';

const refusals = {
  sign_in_required: {
    status: 401,
    title: 'Sign in first',
    detail: 'This needs a signed-in person. Sign in and try again.',
  },
  session_over: {
    status: 401,
    title: 'Session over',
    detail: 'The session has ended or was idle for too long. Sign in again.',
  },
  token_required: {
    status: 401,
    title: 'Dock token required',
    detail: 'This is for docks. Send "Authorization: Bearer" with a fresh token signed by an enrolled dock.',
  },
  token_invalid: {
    status: 401,
    title: 'Token refused',
    detail:
      'The token is not one of an enrolled dock. Sign it with EdDSA and the enrolled key, naming the dock in kid and sub.',
  },
  token_expired: {
    status: 401,
    title: 'Token expired',
    detail:
      'The token is not valid at this time, or for longer than five minutes. Check the clock and sign a fresh one.',
  },
  token_elsewhere: {
    status: 401,
    title: 'Token for another site',
    detail: 'The token names another site as its audience. Use the audience given at enrolment.',
  },
  dock_revoked: {
    status: 401,
    title: 'Dock revoked',
    detail: 'This dock was revoked. Keep the recordings and ask the security administrator to enrol it anew.',
  },
  access_token_invalid: {
    status: 401,
    title: 'Access token refused',
    detail: 'The personal access token is unknown, over or revoked. Make a new one in the console.',
  },
  sign_in_incomplete: {
    status: 403,
    title: 'Sign-in not complete',
    detail: 'This sign-in still waits for a further step; GET /api/session says which. Do it and try again.',
  },
  session_required: {
    status: 403,
    title: 'Not with an access token',
    detail: 'No personal access token can do this. Sign in with a browser.',
  },
  scope_required: {
    status: 403,
    title: 'Not in the scopes of this token',
    detail:
      'This personal access token was not made for this. Make one with the scope that is needed. The refusal is on record.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'So many requests came from you that others would have to wait. Try again after the time in Retry-After.',
  },
  role_required: {
    status: 403,
    title: 'Not your role',
    detail: 'None of your roles may do this. The refusal is on record.',
  },
  wrong_caller: {
    status: 403,
    title: 'Not for this kind of caller',
    detail: 'This is for another kind of caller than the one that is signed in. The refusal is on record.',
  },
  cross_site: {
    status: 403,
    title: 'Request from another site refused',
    detail: 'Changes are accepted from the pages of this site only. Open the console at its own address and try again.',
  },
} as const;

/** Why a caller was turned away at the door. */
export type RefusalCode = keyof typeof refusals;
export const refusalCodes: readonly string[] = Object.keys(refusals);

/** `WWW-Authenticate` for each kind of 401 (RFC 9110, section 11.6.1; RFC 6750, section 3; draft-broyer-http-cookie-auth). */
function challengeOf(code: RefusalCode): string {
  switch (code) {
    case 'token_required':
      return 'Bearer realm="fengcun"';
    case 'access_token_invalid':
    case 'token_invalid':
    case 'token_expired':
    case 'token_elsewhere':
    case 'dock_revoked':
      return `Bearer realm="fengcun", error="invalid_token", error_description="${code}"`;
    default:
      return 'Cookie realm="fengcun", cookie-name="fengcun_session"';
  }
}

/** The problem document that turns a caller away. */
export function refusal(
  code: RefusalCode,
  cause?: unknown,
  more: { readonly headers?: Record<string, string>; readonly extensions?: Record<string, unknown> } = {},
): Problem {
  const known = refusals[code];
  return new Problem({
    ...known,
    code,
    headers: { ...(known.status === 401 ? { 'www-authenticate': challengeOf(code) } : {}), ...more.headers },
    ...(more.extensions === undefined ? {} : { extensions: more.extensions }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Too many passwords are being checked at once; hashing them is made to be dear. */
export const tooBusy = () =>
  new Problem({
    status: 503,
    code: 'busy',
    title: 'Too many sign-ins at once',
    detail: 'Many people are signing in at this moment. Try again in a few seconds.',
    headers: { 'retry-after': '3' },
  });
