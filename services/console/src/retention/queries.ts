import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';

/** Cache keys of how things are kept. An item's stand below the item's own, so that whatever happens to it refreshes them. */
export const retentionKeys = {
  all: ['retention'],
  rules: ['retention', 'rules'],
  matters: ['retention', 'matters'],
  due: ['retention', 'due'],
  holds: ['retention', 'holds'],
  dispositions: ['retention', 'dispositions'],
  item: (id: string) => ['evidence', 'one', id, 'retention'],
} as const;

export const useRetentionRules = () =>
  useQuery({
    queryKey: retentionKeys.rules,
    queryFn: ({ signal }) => client.call('getRetentionRules', { signal }),
  });

/** A term in words: 六个月, 10 years, for ever. */
export function useTermWords(): (term: string) => string {
  const { t } = useTranslation();
  return (term) => {
    const [, digits, unit] = /^P(\d+)([DMY])$/.exec(term) ?? [];
    const count = Number(digits);
    if (unit === 'D') return t('retention.rules.days', { count });
    if (unit === 'M') return t('retention.rules.months', { count });
    if (unit === 'Y') return t('retention.rules.years', { count });
    return t('retention.rules.forever');
  };
}
