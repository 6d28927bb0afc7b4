import type { Action, ApplicantKind, MatrixRow, Role } from '@fengcun/contracts';
import type { Context, Matrix } from './decision.ts';

const everybody: readonly Role[] = [
  'officer',
  'supervisor',
  'legal',
  'bureau_head',
  'archivist',
  'auditor',
  'system_admin',
  'security_admin',
];
const viewers: readonly Role[] = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'];
/** The three administrators (三员): they keep the house and can never look at what it keeps. */
export const administrators: readonly Role[] = ['auditor', 'system_admin', 'security_admin'];
/** What shows, hands over or gives away footage. */
export const footage: readonly Action[] = [
  'play',
  'urgent_play',
  'download_proxy',
  'download_original',
  'package',
  'disclose',
  'publish',
];
/** What works on footage inside the house: nobody does it who may not see any. */
export const footageWork: readonly Action[] = ['redact', 'review_redaction'];
/** What decides how long recordings are kept. */
const keeping: readonly Action[] = [
  'assign_retention',
  'hold',
  'dispose',
  'decide_disposition',
  'keep_matters',
  'keep_retention_rules',
];
/** What leaves the house: never without two people. */
export const leaving: readonly Action[] = ['disclose', 'publish'];
const copies: readonly Action[] = ['download_proxy', 'download_original', 'package'];
const authorities: readonly ApplicantKind[] = ['police', 'procuratorate', 'court', 'discipline', 'audit'];
const parties: readonly ApplicantKind[] = ['party', 'lawyer'];

interface RowText {
  readonly rule: string;
  readonly actions: readonly Action[];
  readonly who: readonly (Role | 'dock')[];
  readonly reach: MatrixRow['reach'];
  readonly when?: { readonly [K in keyof NonNullable<MatrixRow['when']>]: unknown };
  readonly outcome: 'allow' | 'deny' | { readonly needApproval: readonly ('legal' | 'bureau_head')[] };
}
const rows = (...texts: readonly RowText[]): Matrix => texts as unknown as Matrix;

/**
 * Denials that no other role, no grant and no change of the matrix may soften. They come first, so that an administrator who is also an
 * officer still cannot open footage.
 */
export const fixedRows: Matrix = rows(
  {
    rule: 'administrators_never_open_footage',
    actions: [...footage, ...footageWork, 'read_attachment'],
    who: administrators,
    reach: 'anywhere',
    outcome: 'deny',
  },
  {
    rule: 'publish_redacted_only',
    actions: ['publish'],
    who: viewers,
    reach: 'anywhere',
    when: { redacted: false },
    outcome: 'deny',
  },
  // Letters and identity documents are there to be read by who decides: whoever may see the request. Who that is, is asked before this.
  {
    rule: 'attachments_go_with_their_request',
    actions: ['read_attachment'],
    who: viewers,
    reach: 'anywhere',
    outcome: 'allow',
  },
  // How long things are kept, and who may end it, is no more the security administrator's to give away.
  {
    rule: 'archivist_extends_retention',
    actions: ['assign_retention'],
    who: ['archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'archivist_or_legal_holds',
    actions: ['hold'],
    who: ['archivist', 'legal'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'archivist_requests_disposition',
    actions: ['dispose'],
    who: ['archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'legal_or_head_decides_disposition',
    actions: ['decide_disposition'],
    who: ['legal', 'bureau_head'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'archivist_keeps_the_rules_of_retention',
    actions: ['keep_matters', 'keep_retention_rules'],
    who: ['archivist', 'security_admin'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  { rule: 'keeping_belongs_to_the_archive', actions: keeping, who: everybody, reach: 'anywhere', outcome: 'deny' },
);

/** The default matrix (design: access, "Default matrix"), read from the top. */
export const defaultMatrix: Matrix = rows(
  // What leaves the house, whoever asks and for whomever.
  {
    rule: 'disclose_outside',
    actions: ['disclose'],
    who: viewers,
    reach: 'anywhere',
    outcome: { needApproval: ['legal', 'bureau_head'] },
  },
  {
    rule: 'publish_redacted',
    actions: ['publish'],
    who: viewers,
    reach: 'anywhere',
    outcome: { needApproval: ['legal', 'bureau_head'] },
  },
  // Others, who come with a letter and an identity document.
  {
    rule: 'authority_view_or_copy',
    actions: ['play', 'download_proxy', 'package'],
    who: ['archivist'],
    reach: 'own_unit',
    when: { onBehalf: authorities },
    outcome: { needApproval: ['legal'] },
  },
  {
    rule: 'party_view_or_copy',
    actions: ['play', 'download_proxy', 'package'],
    who: ['archivist'],
    reach: 'own_unit',
    when: { onBehalf: parties },
    outcome: { needApproval: ['bureau_head'] },
  },
  {
    rule: 'archivist_registers_others',
    actions: footage,
    who: viewers,
    reach: 'anywhere',
    when: { onBehalf: [...authorities, ...parties] },
    outcome: 'deny',
  },
  // One's own case.
  {
    rule: 'own_case_play',
    actions: ['play'],
    who: viewers,
    reach: 'own_unit',
    when: { ownCase: true },
    outcome: 'allow',
  },
  {
    rule: 'own_case_copy',
    actions: copies,
    who: viewers,
    reach: 'own_unit',
    when: { ownCase: true },
    outcome: { needApproval: ['legal'] },
  },
  // Supervision (执法监督) and review of files (案卷评查).
  {
    rule: 'supervision_play',
    actions: ['play'],
    who: ['supervisor'],
    reach: 'own_unit',
    when: { purposes: ['supervision', 'file_review'] },
    outcome: 'allow',
  },
  // 紧急调阅: at once, and confirmed afterwards by whom the row names.
  {
    rule: 'urgent_play',
    actions: ['urgent_play'],
    who: ['supervisor'],
    reach: 'own_unit',
    outcome: { needApproval: ['bureau_head'] },
  },
  // Everybody else of the bureau.
  {
    rule: 'other_play',
    actions: ['play'],
    who: viewers,
    reach: 'anywhere',
    outcome: { needApproval: ['bureau_head'] },
  },
  {
    rule: 'other_copy',
    actions: copies,
    who: viewers,
    reach: 'anywhere',
    outcome: { needApproval: ['legal', 'bureau_head'] },
  },
  // What opens no footage.
  { rule: 'own_unit_see', actions: ['see'], who: everybody, reach: 'own_unit', outcome: 'allow' },
  { rule: 'own_unit_verify', actions: ['verify'], who: [...viewers, 'auditor'], reach: 'own_unit', outcome: 'allow' },
  {
    rule: 'own_unit_retry',
    actions: ['retry_derivative'],
    who: ['officer', 'supervisor', 'archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  // What people say about recordings, and which case they are put into.
  {
    rule: 'own_unit_describe',
    actions: ['describe'],
    who: ['officer', 'supervisor', 'legal', 'archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  // 脱敏: the case's own officer and those who answer for what leaves. Who reviews is somebody else than who made it, whatever stands here;
  // both have to be allowed to play the recording besides.
  {
    rule: 'own_case_redact',
    actions: ['redact'],
    who: viewers,
    reach: 'own_unit',
    when: { ownCase: true },
    outcome: 'allow',
  },
  {
    rule: 'own_unit_redact',
    actions: ['redact'],
    who: ['supervisor', 'legal', 'archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'own_unit_review_redaction',
    actions: ['review_redaction'],
    who: ['supervisor', 'legal', 'bureau_head'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'own_unit_register',
    actions: ['read_register'],
    who: ['supervisor', 'legal', 'bureau_head', 'archivist', 'auditor', 'security_admin'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  // The archivist's are scans of letters and identity documents.
  {
    rule: 'own_unit_upload',
    actions: ['upload'],
    who: ['officer', 'supervisor', 'archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  { rule: 'dock_of_unit', actions: ['see', 'upload'], who: ['dock'], reach: 'own_unit', outcome: 'allow' },
);

/** No grants, nothing special, the default matrix. */
export const ordinary: Context = { matrix: defaultMatrix, grants: [], ownCase: false };

/** What is in no row is refused. */
export const fallbackRule = 'no_rule_allows';
/** An approval that was given, for whoever it was given to. */
export const grantRule = 'granted';
