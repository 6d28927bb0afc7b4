import {
  AudioOutlined,
  FileImageOutlined,
  FileOutlined,
  FileTextOutlined,
  StarFilled,
  VideoCameraOutlined,
} from '@ant-design/icons';
import type { EvidenceSummary } from '@fengcun/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const icons: Record<EvidenceSummary['kind'], ReactNode> = {
  video: <VideoCameraOutlined aria-hidden="true" />,
  audio: <AudioOutlined aria-hidden="true" />,
  image: <FileImageOutlined aria-hidden="true" />,
  document: <FileTextOutlined aria-hidden="true" />,
  other: <FileOutlined aria-hidden="true" />,
};

export function KindMark({ kind }: { readonly kind: EvidenceSummary['kind'] }) {
  const { t } = useTranslation();
  return (
    <span className="quiet" title={t(`common.kind.${kind}`)} role="img" aria-label={t(`common.kind.${kind}`)}>
      {icons[kind]}
    </span>
  );
}

export function StateTag({ state }: { readonly state: EvidenceSummary['state'] }) {
  const { t } = useTranslation();
  return <span className={state === 'sealed' ? 'tag good' : 'tag danger'}>{t(`common.uploadState.${state}`)}</span>;
}

/** The officer pressed the key-file mark while recording. */
export function KeyMark() {
  const { t } = useTranslation();
  return (
    <span className="key-mark" title={t('evidence.keyMark')} role="img" aria-label={t('evidence.keyMark')}>
      <StarFilled aria-hidden="true" />
    </span>
  );
}
