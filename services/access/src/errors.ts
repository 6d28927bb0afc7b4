import { CatalogError } from '@fengcun/catalog';
import { Problem } from '@fengcun/runtime';

const problems = {
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing of this id among what you can see.' },
  cursor_invalid: {
    status: 400,
    title: 'Cursor not usable',
    detail: 'The cursor was not made by this list. Start again without one.',
  },
  query_too_long: {
    status: 400,
    title: 'Too many words',
    detail:
      'The search looks for too many words at once. Leave some out, or put those that belong together into quotes.',
  },
  description_changed: {
    status: 409,
    title: 'Described meanwhile',
    detail: 'Somebody has changed the description since you read it. Read it again and say what you want to add.',
  },
  unknown_case: { status: 422, title: 'Unknown case', detail: 'There is no such case among those of your units.' },
  unknown_matter: {
    status: 422,
    title: 'Unknown matter',
    detail: "The catalogue that holds for the item's unit has no such matter, or it is no longer offered.",
  },
  unknown_officer: {
    status: 422,
    title: 'Unknown officer',
    detail: 'One of the officers has no account in use in the unit of the case, above it or below it. Choose others.',
  },
  case_number_taken: {
    status: 409,
    title: 'Case number taken',
    detail: 'There is a case file of this number. Look it up, or correct the number.',
  },
  case_changed: {
    status: 409,
    title: 'Case changed meanwhile',
    detail: 'Somebody has changed the case file since you read it. Read it again.',
  },
  period_invalid: {
    status: 422,
    title: 'Period not possible',
    detail: 'The period ends before it begins. Correct one of its ends, or leave one open.',
  },
  too_many_officers: {
    status: 409,
    title: 'Too many officers',
    detail: 'A case has twenty officers at most. Take somebody off it first.',
  },
  device_changed: {
    status: 409,
    title: 'Device changed meanwhile',
    detail: 'Somebody has changed the device since you read it. Read it again.',
  },
  device_unregistered: {
    status: 409,
    title: 'Not registered yet',
    detail: 'Nobody has registered this device. Register it first, or retire it if it is not yours.',
  },
  device_in_state: { status: 409, title: 'Already so', detail: 'The device is in this state already. Read it again.' },
  serial_taken: {
    status: 409,
    title: 'Serial number taken',
    detail:
      'A device of this serial number is known already, perhaps in another unit. Look it up, or correct the number.',
  },
  serial_fixed: {
    status: 409,
    title: 'Serial number fixed',
    detail:
      'Recordings were handed over under this serial number, so it stays. Register the other number as a device of its own and retire this one.',
  },
  unknown_holder: {
    status: 422,
    title: 'Unknown holder',
    detail:
      'The holder has no account in use in the unit of the device, above it or below it. Choose somebody else, or nobody.',
  },
  too_many_lines: {
    status: 422,
    title: 'Too many lines for a sheet',
    detail: 'A sheet holds 1,048,575 lines. Narrow the time, or export CSV.',
  },
  no_cjk_font: {
    status: 503,
    title: 'No font for the report',
    detail:
      'The server has no font with Chinese characters. Ask the system administrator to install one or set FENGCUN_CJK_FONT.',
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
  wrong_code: {
    status: 403,
    title: 'Wrong code',
    detail: 'The code is not one of now. Check the clock of the device that makes it, or use a recovery code.',
  },
  code_used: {
    status: 409,
    title: 'Code already used',
    detail: 'Each code is good once. Wait for the next one, at most half a minute.',
  },
  nothing_pending: {
    status: 409,
    title: 'Nothing to confirm',
    detail: 'This session does not wait for a second factor.',
  },
  second_factor_unreadable: {
    status: 503,
    title: 'Second factor not readable',
    detail:
      'The site has lost the key under which second factors are kept. Ask a security administrator to reset yours.',
  },
  wrong_password: {
    status: 403,
    title: 'Wrong password',
    detail: 'The current password is wrong. Check it and try again.',
  },
  password_weak: {
    status: 400,
    title: 'Password too weak',
    detail: 'The password does not follow the rules; `reasons` lists what is wrong. Choose another.',
  },
  no_password: {
    status: 409,
    title: 'No password here',
    detail: 'This account signs in through the identity provider only. Change the password there.',
  },
  already_enrolled: {
    status: 409,
    title: 'Already enrolled',
    detail: 'There is a second factor already. Remove it first, or ask a security administrator to reset it.',
  },
  not_begun: { status: 409, title: 'Not begun', detail: 'Get a secret first, then confirm it with a code.' },
  no_second_factor: { status: 409, title: 'No second factor', detail: 'This account has no second factor.' },
  second_factor_required: {
    status: 409,
    title: 'Second factor required',
    detail: 'The policy of this site asks for a second factor of people with your roles. It cannot be removed.',
  },
  sign_in_incomplete: {
    status: 403,
    title: 'Sign-in not complete',
    detail: 'This sign-in waits for another step first; GET /api/session says which. Do it and try again.',
  },
  too_many_tokens: {
    status: 409,
    title: 'Too many tokens',
    detail: 'Nobody has more than fifty live tokens. Revoke those that are not used.',
  },
  oidc_not_configured: {
    status: 404,
    title: 'No identity provider',
    detail: 'This site has no identity provider. Sign in with a password.',
  },
  oidc_unavailable: {
    status: 503,
    title: 'Identity provider not available',
    detail: 'The identity provider does not answer as it should. Try again later, or sign in with a password.',
  },
  whole_site_only: {
    status: 403,
    title: 'Only for the whole site',
    detail: 'This holds for the whole site: only a security administrator of the topmost unit may change it.',
  },
  own_account: {
    status: 403,
    title: 'Not your own account',
    detail: 'Nobody changes their own account or roles. Ask another security administrator. The refusal is on record.',
  },
  login_taken: { status: 409, title: 'Login taken', detail: 'Somebody has this login. Choose another.' },
  officer_number_taken: {
    status: 409,
    title: 'Officer number taken',
    detail: 'Somebody has this officer number. Correct it.',
  },
  two_administrators: {
    status: 409,
    title: 'Administrators are separate people',
    detail:
      'Nobody is two of auditor, system administrator and security administrator. Take the other role away first.',
  },
  already_disabled: { status: 409, title: 'Already disabled', detail: 'The account is disabled. Read it again.' },
  not_disabled: { status: 409, title: 'Not disabled', detail: 'The account is not disabled. Read it again.' },
  role_held: { status: 409, title: 'Role already held', detail: 'The account holds this role in this unit already.' },
  role_not_held: { status: 409, title: 'Role not held', detail: 'The account does not hold this role in this unit.' },
  identity_taken: {
    status: 409,
    title: 'Identity taken',
    detail: 'This person of the identity provider is linked to another account. Undo that link first.',
  },
  not_linked: { status: 409, title: 'Not linked', detail: 'The account is not linked to the identity provider.' },
  unit_unknown: {
    status: 400,
    title: 'No such unit',
    detail: 'There is no such unit among those you keep. Choose another.',
  },
  unit_closed: {
    status: 409,
    title: 'Unit closed',
    detail: 'The unit is closed. Choose an open one, or reopen it first.',
  },
  unit_not_closed: { status: 409, title: 'Unit not closed', detail: 'The unit is open. Read it again.' },
  unit_code_taken: { status: 409, title: 'Code taken', detail: 'A unit has this code. Choose another.' },
  unit_below_itself: {
    status: 409,
    title: 'Below itself',
    detail: 'A unit cannot be moved below itself. Choose another place.',
  },
  unit_in_use: {
    status: 409,
    title: 'Unit in use',
    detail: 'People, docks, devices or units still belong to it; `inUse` counts them. Move them away first.',
  },
  own_unit: {
    status: 403,
    title: 'Your own unit',
    detail: 'A unit in which you hold this role is moved or closed by an administrator further up.',
  },
  tree_too_deep: {
    status: 409,
    title: 'Too deep',
    detail: 'Units nest sixteen deep at most. Choose a place further up.',
  },
  set_up_code_invalid: {
    status: 403,
    title: 'Set-up code not valid',
    detail: 'The code is wrong or over. Start the site again to get a new one.',
  },
  already_set_up: { status: 409, title: 'Already set up', detail: 'This site has accounts. Sign in.' },
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
  purpose_required: {
    status: 403,
    title: 'Say what it is for',
    detail: 'The rules let you do this for certain purposes. Name one of those listed; it goes on record.',
  },
  grant_over: {
    status: 409,
    title: 'Grant over',
    detail: 'The grant was revoked, its time is over or its last use is gone. Ask for access again.',
  },
  invalid_request: {
    status: 400,
    title: 'Request not usable',
    detail: 'Correct the fields that `errors` names and send it again.',
  },
  client_id_used: {
    status: 409,
    title: 'Client id used before',
    detail: 'Something else was sent under this client id. Make a new id for what is new.',
  },
  request_blocked: {
    status: 409,
    title: 'Not ready to be submitted',
    detail: 'What `blockers` names is in the way. Put it right and submit again.',
  },
  wrong_state: {
    status: 409,
    title: 'Too late, or too early',
    detail: 'The request is no longer, or not yet, in a state in which this can be done. Read it again.',
  },
  own_request: {
    status: 403,
    title: 'Nobody decides their own request',
    detail: 'This request is yours: somebody else has to decide it. The refusal is on record.',
  },
  already_decided: {
    status: 409,
    title: 'You have decided already',
    detail: 'Each decision on a request is another person’s. Yours is given.',
  },
  reason_required: { status: 400, title: 'Reason required', detail: 'Say why you refuse; the requester will read it.' },
  item_held: {
    status: 409,
    title: 'Under a hold',
    detail:
      'Items of this request are under a hold. Approve with `holdAcknowledged` if it is to be opened all the same.',
  },
  item_disposed: {
    status: 409,
    title: 'Nothing left to open',
    detail:
      'The content of an item of this request was disposed of. Refuse the request, or ask again without that item.',
  },
  attachment_arriving: {
    status: 409,
    title: 'Not sealed yet',
    detail: 'The scan is still being sent or sealed. Try again in a moment.',
  },
  attachment_disposed: {
    status: 409,
    title: 'Scan disposed of',
    detail: 'The content of this scan was disposed of; its record remains. Ask the requester for another scan.',
  },
  attachment_too_large: {
    status: 422,
    title: 'Too large to be shown here',
    detail: 'A scan is shown beside its request up to 64 MiB. Ask the requester for a smaller one.',
  },
  attachment_unreadable: {
    status: 503,
    title: 'The vault does not give the scan',
    detail:
      'The scan could not be read as it was sealed, so nothing of it is shown. Try again; if it stays so, have the item verified on its page.',
  },
  requester_unfit: {
    status: 409,
    title: 'The requester may not have this',
    detail: 'The requester has left, or the rules forbid them what they ask for by now. Refuse the request.',
  },
  approver_unfit: {
    status: 409,
    title: 'Not one who can confirm',
    detail: 'The person named cannot confirm this. Choose one of those that the assessment lists.',
  },
  url_refused: {
    status: 400,
    title: 'Address refused',
    detail: 'Give an https address without a password in it.',
  },
  too_many_webhooks: {
    status: 409,
    title: 'Too many endpoints',
    detail: 'No more endpoints can be told at once. Disable one that is not needed.',
  },
  webhook_disabled: {
    status: 409,
    title: 'Endpoint disabled',
    detail: 'Nothing is sent to a disabled endpoint. Enable it first.',
  },
  matrix_changed: {
    status: 409,
    title: 'The matrix has changed',
    detail: 'Somebody changed the matrix since you read it. Read it again and make your change there.',
  },
  matrix_invalid: {
    status: 400,
    title: 'Matrix not usable',
    detail: 'Correct the rows that `faults` names; some rules cannot be given up.',
  },
  not_recorded: {
    status: 503,
    title: 'Not on record, so not done',
    detail: 'The ledger could not take the record of this, and without it nothing is shown. Try again in a moment.',
  },
  log_behind: {
    status: 503,
    title: 'The log does not publish',
    detail:
      'What was done lately is not yet in a signed checkpoint, and until it is nothing is shown or handed out. Tell the system administrator that the ledger service has stopped; then try again.',
  },
  recipient_required: {
    status: 400,
    title: 'Say to whom it is given',
    detail: 'A copy that is disclosed carries the name of whoever receives it. Name them.',
  },
  nothing_to_copy: {
    status: 409,
    title: 'Nothing to put a mark into',
    detail:
      'This item has no picture and no sound that could carry a mark. Ask for a package: the original leaves only so.',
  },
  no_approved_redaction: {
    status: 409,
    title: 'No approved redacted version',
    detail:
      'Only a redacted version that was approved can be published, and this item has none. Make one on its page, have somebody else review it, then ask again.',
  },
  cannot_see: {
    status: 403,
    title: 'You may not watch the recording',
    detail:
      'Whoever makes or reviews a redacted version must be allowed to play the recording. Ask for access to it first. The refusal is on record.',
  },
  marks_invalid: {
    status: 400,
    title: 'Marks not usable',
    detail: 'Correct the marks that `faults` names by their position in the list and save again.',
  },
  nothing_to_redact: {
    status: 409,
    title: 'Nothing to redact',
    detail:
      'This item has no picture and no sound from which a redacted version could be made, or no content any more.',
  },
  too_many_redactions: {
    status: 409,
    title: 'Too many redacted versions',
    detail:
      'Many redacted versions of this item are neither approved nor withdrawn. Go on with one of them, or withdraw some.',
  },
  redaction_changed: {
    status: 409,
    title: 'Changed meanwhile',
    detail: 'Somebody has saved, rendered or reviewed this redacted version since you read it. Read it again.',
  },
  redaction_settled: {
    status: 409,
    title: 'Settled',
    detail: 'This redacted version is approved or withdrawn and is changed no more. Begin a new one.',
  },
  not_rendering: { status: 409, title: 'Not being rendered', detail: 'No rendering is under way. Read it again.' },
  not_rendered: {
    status: 409,
    title: 'Not rendered',
    detail: 'There is no rendering of the newest plan that could be watched or reviewed. Have it rendered first.',
  },
  own_redaction: {
    status: 403,
    title: 'Nobody reviews their own work',
    detail:
      'You made this redacted version, or a part of its plan: somebody else has to review it. The refusal is on record.',
  },
  not_watched: {
    status: 409,
    title: 'Not watched whole',
    detail: 'A redacted version is approved by somebody who was shown all of it. Watch it to its end, then approve it.',
  },
  receipt_pending: {
    status: 409,
    title: 'No receipt yet',
    detail: 'The seal of this item is not yet in a signed checkpoint. Try again in a few seconds.',
  },
  not_sealed: {
    status: 409,
    title: 'Not sealed',
    detail: 'The item is in quarantine: what is stored is not what was sent, and there is no receipt to go with it.',
  },
  too_many_copies: {
    status: 429,
    title: 'Too many copies at once',
    detail: 'Many copies of yours are waiting or being made. Wait until some are ready, or give some up.',
  },
  copy_not_ready: {
    status: 409,
    title: 'Not ready yet',
    detail: 'The copy is still being made. Its page says when it is ready.',
  },
  copy_over: {
    status: 410,
    title: 'The copy is gone',
    detail: 'It failed, was given up, its time is over, or the right to it was taken away. Ask for a new one.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'No such range',
    detail: 'The copy has no bytes there. Content-Range says how many it has.',
  },
  precondition_failed: {
    status: 412,
    title: 'Not the same file',
    detail: 'The file is not the one that If-Match names. Begin the download anew.',
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
  unknown_class: {
    status: 422,
    title: 'No such retention class',
    detail: 'There is no retention class of this code, or it is no longer offered. Read the list of classes again.',
  },
  class_in_use: {
    status: 409,
    title: 'Class in use',
    detail: 'A matter or the default of a kind still names this class. Give them another one first.',
  },
  matter_exists: {
    status: 409,
    title: 'Matter exists',
    detail: "The unit's catalogue has a matter of this stage, title, occasion and category. Change that one instead.",
  },
  not_longer: {
    status: 409,
    title: 'Not longer',
    detail: 'The item is kept as long or longer already, and retention is never shortened. Choose a longer class.',
  },
  being_disposed: {
    status: 409,
    title: 'Being disposed of',
    detail: 'An approved disposition of the item is being carried out or done; nothing can stop it any more.',
  },
  already_released: {
    status: 409,
    title: 'Already lifted',
    detail: 'Somebody has lifted this hold before you. Read the item again.',
  },
  not_disposable: {
    status: 409,
    title: 'May not be disposed of',
    detail: 'The item must still be kept: `refusal` says why. Nothing was deleted.',
  },
  already_requested: {
    status: 409,
    title: 'Already requested',
    detail: 'A disposition of this item is open or done. Look at it instead.',
  },
  disposition_decided: {
    status: 409,
    title: 'Already decided',
    detail: 'Somebody has decided or withdrawn this disposition before you. Read it again.',
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

const refusedInputs = [
  'cursor_invalid',
  'query_too_long',
  'login_taken',
  'officer_number_taken',
  'unit_closed',
  'unit_code_taken',
  'two_administrators',
] as const;

/** What the catalogue refuses because of the caller's input, as a problem; anything else as it is. */
export function translated(error: unknown): unknown {
  if (!(error instanceof CatalogError)) return error;
  const code = refusedInputs.find((each) => each === error.code);
  return code === undefined ? error : problem(code, { cause: error });
}
