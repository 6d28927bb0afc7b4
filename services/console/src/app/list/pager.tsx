import { LeftOutlined, RightOutlined, VerticalRightOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type CursorNavigation, type PageSize, pageSizes } from './use-cursor-address.ts';

interface PagerProps {
  readonly address: CursorNavigation<unknown>;
  /** cursor of the page after this one; null on the last, and while it is not known */
  readonly next: string | null;
  /** rows on this page; null while they are not there yet */
  readonly shown: number | null;
  /** they will not come: all that is left is the way back */
  readonly failed?: boolean;
}

/** The way through a list that is fetched page by page. */
export function Pager({ address, next, shown, failed = false }: PagerProps) {
  const { t } = useTranslation();
  return (
    <nav className="pager" aria-label={t('common.pager.label')}>
      <span className="quiet num">{!failed && <PlaceWords page={address.page} shown={shown} />}</span>
      <span className="grow" />
      <Select<PageSize>
        aria-label={t('common.pageSize', { count: address.limit })}
        value={address.limit}
        onChange={address.setLimit}
        options={pageSizes.map((size) => ({ value: size, label: t('common.pageSize', { count: size }) }))}
      />
      <Button
        icon={<VerticalRightOutlined aria-hidden="true" />}
        disabled={address.cursor === undefined}
        onClick={address.goFirst}
        aria-label={t('common.first')}
      />
      <Button
        icon={<LeftOutlined aria-hidden="true" />}
        disabled={!address.goPrevious}
        onClick={() => address.goPrevious?.()}
      >
        {t('common.previous')}
      </Button>
      <Button
        icon={<RightOutlined aria-hidden="true" />}
        iconPlacement="end"
        disabled={next === null}
        onClick={() => next !== null && address.goNext(next)}
      >
        {t('common.next')}
      </Button>
    </nav>
  );
}

/** Says nothing of a page whose rows are not there yet. */
function PlaceWords({ page, shown }: { readonly page: number | null; readonly shown: number | null }) {
  const { t } = useTranslation();
  if (shown === null) return t('common.loading');
  return page === null ? t('common.pager.shown', { count: shown }) : t('common.pager.page', { page, count: shown });
}
