import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Copies a value and says so. Falls back to a selection where the clipboard is closed (plain HTTP on an intranet). */
export function CopyButton({ value, what }: { readonly value: string; readonly what: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = copied ? t('common.copied') : t('common.copyWhat', { what });
  return (
    <Tooltip title={copied ? t('common.copied') : t('common.copy')}>
      <Button
        type="text"
        size="small"
        className="copy"
        aria-label={label}
        icon={copied ? <CheckOutlined aria-hidden="true" /> : <CopyOutlined aria-hidden="true" />}
        onClick={() => void copy(value).then(setCopied)}
      />
    </Tooltip>
  );
}

async function copy(value: string): Promise<boolean> {
  if (navigator.clipboard && window.isSecureContext) {
    return navigator.clipboard.writeText(value).then(
      () => true,
      () => copyBySelection(value),
    );
  }
  return copyBySelection(value);
}

function copyBySelection(value: string): boolean {
  const area = document.createElement('textarea');
  area.value = value;
  area.setAttribute('readonly', '');
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  // The only way on plain HTTP, where the asynchronous clipboard does not exist.
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
