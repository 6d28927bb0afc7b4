import type { AccessRequest, CallInput, Operation } from '@fengcun/contracts';
import dayjs, { type Dayjs } from 'dayjs';
import { formatInstant, instantOf } from '../../format/instant.ts';

export type Draft = CallInput<'changeRequest'>['body'];
export type Attachment = NonNullable<Draft['attachments']>[number];
export type ApplicantKind = NonNullable<Draft['applicant']>['kind'];

/** The form's fields. Times are what the clock on the wall of the site shows. */
export interface DraftFields {
  readonly purpose?: Draft['purpose'];
  readonly basis: string;
  readonly caseNumber?: string;
  readonly operations: Operation[];
  readonly window: [Dayjs, Dayjs];
  readonly uses: number;
  readonly applicant?: {
    readonly kind?: ApplicantKind;
    readonly organisation?: string;
    readonly person?: string;
    readonly letterNumber?: string;
    readonly contact?: string;
  };
}

/** longest period of use, days */
export const longestWindow = 30;
/** items in one request */
export const mostItems = 200;

const wall = 'YYYY-MM-DD HH:mm:ss';

/** The wall clock of the site as the date picker needs it. */
export const wallOf = (iso: string, timeZone: string): Dayjs => dayjs(formatInstant(iso, timeZone));

/** From now for so many days. */
export function windowOf(days: number, timeZone: string): [Dayjs, Dayjs] {
  const start = wallOf(new Date().toISOString(), timeZone);
  return [start, start.add(days, 'day')];
}

export function emptyFields(timeZone: string): DraftFields {
  return { basis: '', operations: ['play'], window: windowOf(7, timeZone), uses: 10 };
}

/** A saved draft as the form shows it. */
export function fieldsOf(request: AccessRequest, timeZone: string): DraftFields {
  const { purpose, basis, caseNumber, operations, window, uses, applicant } = request;
  const known = <T extends object>(value: T) =>
    Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null)) as DraftFields['applicant'];
  return {
    purpose,
    basis,
    ...(caseNumber ? { caseNumber } : {}),
    operations,
    window: [wallOf(window.from, timeZone), wallOf(window.until, timeZone)],
    uses,
    ...(applicant ? { applicant: known(applicant) ?? {} } : {}),
  };
}

interface Parts {
  readonly fields: DraftFields & { readonly purpose: Draft['purpose'] };
  readonly items: readonly string[];
  /** instead of items */
  readonly caseId: string | null;
  readonly onBehalf: boolean;
  readonly attachments: readonly Attachment[];
}

/** What is sent. */
export function draftOf({ fields, items, caseId, onBehalf, attachments }: Parts, timeZone: string): Draft {
  const { purpose, basis, caseNumber, operations, window, uses, applicant } = fields;
  const orNull = (text: string | undefined) => text?.trim() || null;
  return {
    purpose,
    basis: basis.trim(),
    caseNumber: orNull(caseNumber),
    ...(caseId === null ? { items: [...items] } : { case: caseId }),
    operations,
    window: {
      from: instantOf(window[0].format(wall), timeZone),
      until: instantOf(window[1].format(wall), timeZone),
    },
    uses,
    applicant:
      onBehalf && applicant?.kind
        ? {
            kind: applicant.kind,
            organisation: orNull(applicant.organisation),
            person: applicant.person?.trim() ?? '',
            letterNumber: orNull(applicant.letterNumber),
            contact: orNull(applicant.contact),
          }
        : null,
    attachments: [...attachments],
  };
}

/** A UUID (RFC 9562, version 4) also where `crypto.randomUUID` is closed: plain HTTP on an intranet. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
