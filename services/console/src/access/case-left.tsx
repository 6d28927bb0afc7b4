import type { AccessRequest } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';

type Left = NonNullable<NonNullable<AccessRequest['case']>['left']>;

const causes = ['outside', 'disposed', 'denied', 'beyond'] as const satisfies readonly (keyof Left)[];

/** Which of a case's recordings its request does not ask for, and why. Says nothing where it asks for all. */
export function CaseLeft({ left }: { readonly left: Left | null }) {
  const { t } = useTranslation();
  const found = causes.flatMap((cause) => (left && left[cause] > 0 ? [{ cause, count: left[cause] }] : []));
  if (found.length === 0) return null;
  const count = found.reduce((sum, each) => sum + each.count, 0);
  const reasons = found.map((each) => t(`access.caseLeft.${each.cause}`, { count: each.count }));
  return (
    <p className="warn panel-text">
      {t('access.caseLeft.sentence', { count, reasons: reasons.join(t('access.caseLeft.and')) })}
    </p>
  );
}
