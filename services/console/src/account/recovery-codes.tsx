import { DownloadOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../format/copy-button.tsx';
import { saveText } from '../format/save-json.ts';
import './account.css';

/** Ten ways in without the authenticator, shown once. */
export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const { t } = useTranslation();
  const text = codes.join('\n');
  return (
    <>
      <Alert type="warning" showIcon title={t('account.recovery.once')} />
      <ol className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="recovery-tools">
        <CopyButton value={text} what={t('account.recovery.codes')} />
        <Button
          size="small"
          icon={<DownloadOutlined aria-hidden="true" />}
          onClick={() => saveText(`${text}\n`, 'fengcun-recovery-codes.txt')}
        >
          {t('account.recovery.save')}
        </Button>
      </div>
    </>
  );
}
