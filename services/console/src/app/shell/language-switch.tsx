import { GlobalOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { switchLanguage, useLanguage } from '../i18n/language.ts';

/** One press to the other language; the label is in the language one gets. */
export function LanguageSwitch() {
  const english = useLanguage() === 'en';
  return (
    <Button
      type="text"
      icon={<GlobalOutlined aria-hidden="true" />}
      lang={english ? 'zh-CN' : 'en'}
      onClick={() => void switchLanguage(english ? 'zh-CN' : 'en')}
    >
      {english ? '中文' : 'English'}
    </Button>
  );
}
