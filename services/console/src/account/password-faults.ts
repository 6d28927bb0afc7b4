import { type PasswordFault, passwordRules } from '@fengcun/contracts';

/** What of the password rules this page can check by itself; the server also knows the common ones and the old one. */
export function localPasswordFaults(password: string, personal: readonly string[]): readonly PasswordFault[] {
  const faults: PasswordFault[] = [];
  const { length } = [...password];
  if (length < passwordRules.minLength) faults.push('too_short');
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter((kind) =>
    kind.test(password),
  ).length;
  if (length < passwordRules.plainFrom && kinds < passwordRules.kinds) faults.push('too_plain');
  const small = password.toLowerCase();
  if (personal.some((word) => word.trim().length >= 2 && small.includes(word.trim().toLowerCase())))
    faults.push('personal');
  return faults;
}
