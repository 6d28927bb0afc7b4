import type { Evidence, ItemDescription } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { CaseDialog } from './case-dialog.tsx';

interface Fields {
  readonly title?: string;
  readonly place?: string;
  readonly tags: string[];
  readonly case?: string | null;
  readonly matter?: string | null;
  readonly note?: string;
}

interface DescribeDialogProps {
  readonly evidence: Evidence;
  readonly current: ItemDescription;
  readonly onClose: () => void;
}

export function DescribeDialog({ evidence, current, onClose }: DescribeDialogProps) {
  const { t } = useTranslation();
  const [opening, setOpening] = useState(false);
  const [words, setWords] = useState('');
  const { id, unit } = evidence;
  const tags = useQuery({ queryKey: keys.tags, queryFn: ({ signal }) => client.call('listTags', { signal }) });
  const matters = useQuery({
    queryKey: keys.mattersOf(unit.id),
    queryFn: ({ signal }) => client.call('listMatters', { query: { unit: unit.id }, signal }),
  });
  const asked = { limit: 20, state: 'open' as const, ...(words ? { q: words } : {}) };
  const cases = useQuery({
    queryKey: keys.caseSearch(asked),
    queryFn: ({ signal }) => client.call('listCases', { query: asked, signal }),
  });
  const optionOf = (file: { id: string; number: string; title: string }) => ({
    value: file.id,
    label: `${file.number} ${file.title}`,
  });
  const found = cases.data?.items.map(optionOf) ?? [];
  // What stands there now is always among what can be chosen, found or not.
  const caseOptions =
    current.case && !found.some(({ value }) => value === current.case?.id) ? [optionOf(current.case), ...found] : found;
  const offered = matters.data?.items.map((matter) => ({ value: matter.id, label: matter.title })) ?? [];
  const matterOptions =
    current.matter && !offered.some(({ value }) => value === current.matter?.id)
      ? [{ value: current.matter.id, label: current.matter.title }, ...offered]
      : offered;
  return (
    <FormDialog<Fields>
      title={t('describe.edit')}
      width={620}
      initial={{
        tags: [...current.tags],
        ...(current.title ? { title: current.title } : {}),
        ...(current.place ? { place: current.place } : {}),
        ...(current.note ? { note: current.note } : {}),
        case: current.case?.id ?? null,
        matter: current.matter?.id ?? null,
      }}
      send={(fields) =>
        client.call('describeEvidence', {
          params: { id },
          body: {
            basedOn: current.version,
            title: fields.title?.trim() || null,
            place: fields.place?.trim() || null,
            tags: fields.tags.map((tag) => tag.trim()).filter((tag) => tag !== ''),
            note: fields.note?.trim() || null,
            case: fields.case ?? null,
            matter: fields.matter ?? null,
          },
        })
      }
      refresh={[keys.evidence(id), keys.evidenceLists, keys.tags]}
      done={t('describe.saved')}
      onClose={onClose}
    >
      {(form) => (
        <>
          <TextField
            name="title"
            label={t('describe.name')}
            placeholder={t('describe.nameHint')}
            maxLength={200}
            optional
            autoFocus
          />
          <TextField name="place" label={t('describe.place')} maxLength={200} optional />
          <Form.Item name="tags" label={t('describe.tags')} extra={t('describe.tagsHint')}>
            <Select
              mode="tags"
              maxCount={20}
              tokenSeparators={[',', '，', ';', '；']}
              options={tags.data?.items.map(({ tag }) => ({ value: tag, label: tag })) ?? []}
            />
          </Form.Item>
          <Form.Item
            name="case"
            label={t('describe.case')}
            extra={
              <Button type="link" size="small" className="describe-new-case" onClick={() => setOpening(true)}>
                {t('describe.newCase')}
              </Button>
            }
          >
            <Select
              allowClear
              showSearch={{ filterOption: false, onSearch: (text) => setWords(text.trim().slice(0, 100)) }}
              placeholder={t('describe.caseHint')}
              loading={cases.isFetching}
              options={caseOptions}
            />
          </Form.Item>
          <Form.Item name="matter" label={t('describe.matter')} extra={t('describe.matterHint')}>
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              loading={matters.isPending}
              options={matterOptions}
            />
          </Form.Item>
          <TextField name="note" label={t('describe.note')} rows={2} maxLength={2000} optional />
          <p className="quiet small">{t('describe.recorded')}</p>
          {opening && (
            <CaseDialog
              unit={unit}
              onClose={() => setOpening(false)}
              onOpened={(file) => {
                setOpening(false);
                setWords(file.number);
                form.setFieldValue('case', file.id);
              }}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
