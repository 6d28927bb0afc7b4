import { CatalogError } from '@fengcun/catalog';
import { Problem } from '@fengcun/runtime';

const problems = {
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing of this id among what you can see.' },
  cursor_invalid: {
    status: 400,
    title: 'Cursor not usable',
    detail: 'The cursor was not made by this list. Start again without one.',
  },
  wrong_credentials: {
    status: 401,
    title: 'Not signed in',
    detail: 'Login or password is wrong. Check both and try again.',
  },
  locked_out: {
    status: 429,
    title: 'Too many failed sign-ins',
    detail: 'Sign-in under this login is closed for a while after too many failures. Wait as long as Retry-After says.',
  },
  denied: {
    status: 403,
    title: 'Not allowed',
    detail: 'The rules do not let you do this with this item. The refusal is on record.',
  },
  approval_required: {
    status: 403,
    title: 'Approval required',
    detail: 'The rules let you do this with this item only after an approval. The refusal is on record.',
  },
  not_recorded: {
    status: 503,
    title: 'Not on record, so not done',
    detail: 'The ledger could not take the record of this, and without it nothing is shown. Try again in a moment.',
  },
  nothing_to_play: {
    status: 409,
    title: 'Nothing to play',
    detail: 'There is no playable copy of this item; its page says why.',
  },
  proxy_pending: {
    status: 409,
    title: 'Not playable yet',
    detail: 'The playable copy is still being made. Its page says when it is ready.',
  },
  play_over: { status: 410, title: 'Play is over', detail: 'This session of play has ended. Begin a new one.' },
  already_running: {
    status: 409,
    title: 'Already being verified',
    detail: 'A verification of this item is running. Wait for its result.',
  },
  too_many_verifications: {
    status: 503,
    title: 'Too many verifications',
    detail: 'Many items are being verified at this moment. Try again when some are done.',
  },
  not_failed: {
    status: 409,
    title: 'Nothing to try again',
    detail: 'Only a derivative that failed can be tried again.',
  },
  already_acknowledged: {
    status: 409,
    title: 'Already acknowledged',
    detail: 'Somebody has acknowledged this alarm before you. Read the list again.',
  },
  stream_unavailable: {
    status: 503,
    title: 'No live stream now',
    detail: 'The server cannot open another live stream at this moment. The page works without one; try again later.',
  },
} as const;

export type AccessProblemCode = keyof typeof problems;
export const accessProblemCodes: readonly string[] = Object.keys(problems);

/** A problem of this service; `more` adds headers, members or the cause. */
export function problem(
  code: AccessProblemCode,
  more: { headers?: Record<string, string>; extensions?: Record<string, unknown>; cause?: unknown } = {},
): Problem {
  return new Problem({ ...problems[code], code, ...more });
}

/** What the catalogue refuses because of the caller's input, as a problem; anything else as it is. */
export function translated(error: unknown): unknown {
  return error instanceof CatalogError && error.code === 'cursor_invalid'
    ? problem('cursor_invalid', { cause: error })
    : error;
}
