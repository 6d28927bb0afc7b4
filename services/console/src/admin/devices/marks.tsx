import type { Device } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../../app/i18n/language.ts';
import { formatSpan } from '../../format/duration.ts';

const tones = { unregistered: 'warn', in_use: 'good', in_repair: 'info', lost: 'danger', retired: 'plain' } as const;

export function DeviceState({ state }: { readonly state: Device['state'] }) {
  const { t } = useTranslation();
  return <span className={`tag ${tones[state]}`}>{t(`devices.state.${state}`)}</span>;
}

/** GA/T 947 allows three seconds a day; docking daily, a minute is far off. */
const wideMs = 60_000;

/** How far a device's clock was from the dock's. */
export function ClockOffset({ ms }: { readonly ms: number | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (ms === null) return <span className="quiet">{t('devices.clock.unknown')}</span>;
  const span = formatSpan(ms, language);
  const words =
    Math.abs(ms) < 50 ? t('devices.clock.exact') : t(ms > 0 ? 'devices.clock.ahead' : 'devices.clock.behind', { span });
  return (
    <span
      className={Math.abs(ms) >= wideMs ? 'num warn strong' : 'num'}
      title={Math.abs(ms) >= wideMs ? t('devices.clock.wide') : ''}
    >
      {words}
    </span>
  );
}
