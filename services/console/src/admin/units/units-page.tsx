import { PlusOutlined } from '@ant-design/icons';
import type { Unit } from '@fengcun/contracts';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { useUnits } from '../../app/dialog/unit-field.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { treeOf, type UnitRow } from './tree.ts';
import { AddUnit, ChangeUnit, CloseUnit, ReopenUnit } from './unit-dialogs.tsx';

type Doing = { readonly what: 'add' | 'change' | 'close' | 'reopen'; readonly unit: Unit };

/** The tree of units as the reader sees it; the system administrator keeps it. */
export function UnitsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const units = useUnits();
  const [words, setWords] = useState('');
  const [doing, setDoing] = useState<Doing | null>(null);
  const may = mayCall(me, 'createUnit');
  const done = () => setDoing(null);
  return (
    <Panel
      title={t('admin.units.title')}
      tools={
        <Input
          allowClear
          size="small"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          placeholder={t('admin.units.filter')}
          aria-label={t('admin.units.filter')}
          className="unit-filter"
        />
      }
      flush
    >
      <p className="quiet small panel-line">{t('admin.units.hint')}</p>
      <Loaded query={units}>
        {({ items }) => {
          const rows = treeOf(items, words);
          return rows.length === 0 ? (
            <Nothing title={t('admin.units.none')} />
          ) : (
            <ul className="rows units">
              {rows.map((row) => (
                <Row key={row.unit.id} row={row} may={may} onDo={(what) => setDoing({ what, unit: row.unit })} />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {doing?.what === 'add' && <AddUnit below={doing.unit} onClose={done} />}
      {doing?.what === 'change' && <ChangeUnit unit={doing.unit} onClose={done} />}
      {doing?.what === 'close' && <CloseUnit unit={doing.unit} onClose={done} />}
      {doing?.what === 'reopen' && <ReopenUnit unit={doing.unit} onClose={done} />}
    </Panel>
  );
}

interface RowProps {
  readonly row: UnitRow;
  readonly may: boolean;
  readonly onDo: (what: Doing['what']) => void;
}

function Row({ row, may, onDo }: RowProps) {
  const { t } = useTranslation();
  const { unit, depth } = row;
  const closed = unit.closedAt !== null;
  return (
    <li className="unit-row" style={{ paddingLeft: 16 + depth * 22 }}>
      <span className={closed ? 'quiet' : depth === 0 ? 'strong' : undefined}>{unit.name}</span>
      <span className="quiet num small">{unit.code}</span>
      {closed && <span className="tag plain">{t('admin.units.closed')}</span>}
      <span className="grow" />
      {may && (
        <span className="row-tools">
          {closed ? (
            <Button size="small" type="link" onClick={() => onDo('reopen')}>
              {t('admin.units.reopen')}
            </Button>
          ) : (
            <>
              <Button size="small" type="link" icon={<PlusOutlined aria-hidden="true" />} onClick={() => onDo('add')}>
                {t('admin.units.add')}
              </Button>
              <Button size="small" type="link" onClick={() => onDo('change')}>
                {t('admin.units.edit')}
              </Button>
              {/* One's own topmost unit is closed by somebody further up. */}
              {unit.parent !== null && (
                <Button size="small" type="link" danger onClick={() => onDo('close')}>
                  {t('admin.units.close')}
                </Button>
              )}
            </>
          )}
        </span>
      )}
    </li>
  );
}
