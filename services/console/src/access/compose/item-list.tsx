import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import type { EvidenceSummary } from '@fengcun/contracts';
import { useQueries } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Nothing } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { KindMark } from '../../evidence/marks.tsx';
import { When } from '../../format/when.tsx';
import { mostItems } from './draft.ts';
import { ItemPicker } from './item-picker.tsx';
import { type Scope, ScopeChoice } from './scope-choice.tsx';

/** What of an item is shown while it is being asked for. */
export type Picked = Pick<EvidenceSummary, 'id' | 'name' | 'kind' | 'unit' | 'capturedAt'>;

interface ItemListProps {
  readonly items: readonly string[];
  /** operations that the rules forbid, by item */
  readonly denied: ReadonlySet<string>;
  readonly onChange: (items: readonly string[]) => void;
  /** the reader asks for a whole case instead */
  readonly onScope?: (scope: Scope) => void;
}

/** The items of a request that is being written. */
export function ItemList({ items, denied, onChange, onScope }: ItemListProps) {
  const { t } = useTranslation();
  const [picking, setPicking] = useState(false);
  const known = useQueries({
    queries: items.map((id) => ({
      queryKey: keys.picked(id),
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<Picked> =>
        client.call('getEvidence', { params: { id }, signal }),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const choose = (
    <Button icon={<PlusOutlined aria-hidden="true" />} onClick={() => setPicking(true)}>
      {t('access.compose.pick')}
    </Button>
  );
  return (
    <Panel
      title={t('access.compose.items')}
      tools={
        <>
          {onScope && <ScopeChoice value="items" onChange={onScope} />}
          {items.length > 0 && (
            <>
              <span className="quiet num">{t('access.compose.selected', { count: items.length })}</span>
              {choose}
            </>
          )}
        </>
      }
      flush
    >
      {items.length === 0 ? (
        <Nothing
          title={t('access.compose.itemsNone')}
          hint={t(onScope ? 'access.compose.itemsNoneHint' : 'access.compose.itemsNoneUrgentHint')}
          action={choose}
        />
      ) : (
        <ul className="rows picked">
          {items.map((id, at) => {
            const item = known[at]?.data;
            const name = item?.name ?? id;
            return (
              <li key={id} className={denied.has(id) ? 'picked-row denied' : 'picked-row'}>
                {item ? <KindMark kind={item.kind} /> : <span />}
                <span className="two-lines" title={name}>
                  {name}
                </span>
                <span className="quiet">{item?.unit.name}</span>
                <span className="quiet">{item && <When at={item.capturedAt} />}</span>
                <Button
                  type="text"
                  size="small"
                  icon={<CloseOutlined aria-hidden="true" />}
                  aria-label={t('access.compose.removeWhat', { name })}
                  onClick={() => onChange(items.filter((other) => other !== id))}
                />
              </li>
            );
          })}
        </ul>
      )}
      {picking && (
        <ItemPicker
          chosen={items}
          onClose={() => setPicking(false)}
          onPick={(picked) => {
            onChange([...new Set([...items, ...picked])].slice(0, mostItems));
            setPicking(false);
          }}
        />
      )}
    </Panel>
  );
}
