import { serviceWord } from '@fengcun/contracts';
import type { TFunction } from 'i18next';
import { type Language, wordsIn } from '../app/i18n/language.ts';

interface Actor {
  readonly kind: 'account' | 'dock' | 'system' | 'anonymous';
  readonly id: string;
}

/** Who did something, as the log names them: their kind and their name, or which part of the system it was. */
export function actorName(
  { kind, id }: Actor,
  name: string | null | undefined,
  t: TFunction,
  language: Language,
): string {
  const said = t(`ledger.actor.${kind}`);
  if (kind === 'system') return `${said} · ${serviceWord(id, wordsIn(language))}`;
  return `${said} ${name ?? id}`;
}
