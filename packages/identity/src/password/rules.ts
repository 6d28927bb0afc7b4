import { type PasswordFault, passwordRules } from '@fengcun/contracts';

/** What everybody tries first, here and elsewhere: the whole password, or what is left of it without digits and signs at its ends. */
const common = new Set(
  `password passw0rd p@ssw0rd p@ssword qwerty qwertyuiop qwerty123 asdfghjkl zxcvbnm 1qaz2wsx 1qaz2wsx3edc qazwsx qazwsxedc zaq12wsx
  iloveyou 5201314 woaini woaini1314 admin administrator root letmein welcome changeme default guest test abc123 a123456 a123456789
  123456789 1234567890 0123456789 12345678910 9876543210 0987654321 1111111111 0000000000 8888888888 6666666666 jingcha gongan police
  fengcun security`.split(/\s+/),
);

/** Everything that is wrong with a password of somebody; nothing: it will do. `unchanged` is the caller's to find. */
export function passwordFaults(
  password: string,
  person: { readonly login: string; readonly name: string },
): readonly PasswordFault[] {
  const text = password.normalize('NFKC');
  const folded = text.toLowerCase();
  const length = Array.from(text).length;
  const faults: PasswordFault[] = [];
  if (length < passwordRules.minLength) faults.push('too_short');
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u].filter((kind) => kind.test(text)).length;
  const different = new Set(text).size;
  if ((length < passwordRules.plainFrom && kinds < passwordRules.kinds) || different < 5) faults.push('too_plain');
  const own = [person.login, person.name].map((each) => each.normalize('NFKC').toLowerCase());
  if (own.some((each) => each.length >= 2 && folded.includes(each))) faults.push('personal');
  const core = folded.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  if (common.has(folded) || common.has(core)) faults.push('common');
  return faults;
}
