import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';

/** A command or a text from the machine, to be copied as it is. */
export function Command({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  return (
    <div className="command">
      <code>{text}</code>
      <CopyButton value={text} what={t('integrity.command')} />
    </div>
  );
}
