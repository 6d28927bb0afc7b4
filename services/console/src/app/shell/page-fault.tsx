import { Button, Result } from 'antd';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A fault in one page leaves the shell standing, and says that nothing was lost. */
export class PageFault extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useTranslation();
  return (
    <Result
      status="error"
      title={t('common.crashed.title')}
      subTitle={t('common.crashed.hint')}
      extra={<Button onClick={() => window.location.reload()}>{t('common.crashed.reload')}</Button>}
    />
  );
}
