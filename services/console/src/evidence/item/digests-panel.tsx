import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import type { Evidence } from '@fengcun/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { Digest } from '../../format/digest.tsx';
import { compareDigests, type Match } from './compare-digests.ts';

/** Declared = received = read back, each against what the vault gave back. */
export function DigestsPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const { declared, received, readBack } = evidence.digests;
  const match = compareDigests(evidence.digests);
  return (
    <Panel title={t('evidence.digests.title')} flush>
      <table className="digests">
        <tbody>
          <Row
            name={t('evidence.digests.declared')}
            hint={t('evidence.digests.declaredHint')}
            algorithm="SHA-256"
            mark={<MatchMark match={match.declared} />}
          >
            {declared ? (
              <Digest value={declared.sha256} label={`${t('evidence.digests.declared')} SHA-256`} />
            ) : (
              <span className="quiet">{t('evidence.digests.notDeclaredHint')}</span>
            )}
          </Row>
          <Row
            name={t('evidence.digests.received')}
            hint={t('evidence.digests.receivedHint')}
            algorithm="SHA-256"
            mark={<MatchMark match={match.received} />}
          >
            {received.sha256 ? (
              <Digest value={received.sha256} label={`${t('evidence.digests.received')} SHA-256`} />
            ) : (
              <span className="quiet">{t('evidence.digests.partsOnly', { parts: received.parts })}</span>
            )}
          </Row>
          <Row
            name={t('evidence.digests.readBack')}
            hint={t('evidence.digests.readBackHint', { bytes: formatBytes(readBack.bytes) })}
            algorithm="SHA-256"
            mark={<span className="tag info">{t('evidence.digests.reference')}</span>}
          >
            <Digest value={readBack.sha256} label={`${t('evidence.digests.readBack')} SHA-256`} />
          </Row>
          <Row name="" algorithm="SM3">
            <Digest value={readBack.sm3} label={`${t('evidence.digests.readBack')} SM3`} />
          </Row>
          <Row name="" algorithm={t('evidence.digests.tree', { leaf: formatBytes(readBack.tree.leafSize) })}>
            <Digest
              value={readBack.tree.root}
              label={t('evidence.digests.tree', { leaf: formatBytes(readBack.tree.leafSize) })}
            />
          </Row>
        </tbody>
      </table>
    </Panel>
  );
}

interface RowProps {
  readonly name: string;
  readonly hint?: string;
  readonly algorithm: string;
  readonly mark?: ReactNode;
  readonly children: ReactNode;
}

function Row({ name, hint, algorithm, mark, children }: RowProps) {
  return (
    <tr className={name ? 'digests-first' : undefined}>
      <th scope="row">
        {name}
        {hint && <span className="quiet small digests-hint">{hint}</span>}
      </th>
      <td>
        <span className="quiet small digests-algorithm">{algorithm}</span>
        {children}
      </td>
      <td className="digests-mark">{mark}</td>
    </tr>
  );
}

function MatchMark({ match }: { readonly match: Match }) {
  const { t } = useTranslation();
  switch (match) {
    case 'equal':
      return (
        <span className="tag good">
          <CheckCircleFilled aria-hidden="true" />
          {t('evidence.digests.equal')}
        </span>
      );
    case 'differs':
      return (
        <span className="tag danger">
          <CloseCircleFilled aria-hidden="true" />
          {t('evidence.digests.differs')}
        </span>
      );
    case 'not_declared':
    case 'parts_only':
      return (
        <span className="tag plain">
          <MinusCircleOutlined aria-hidden="true" />
          {match === 'not_declared' ? t('evidence.digests.notDeclared') : t('ledger.outcome.not_checked')}
        </span>
      );
  }
}
