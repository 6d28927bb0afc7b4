import { operations, purposes } from '@fengcun/contracts';
import { Checkbox, DatePicker, Form, Input, InputNumber, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useTranslation } from 'react-i18next';
import { atLeastOne } from '../../app/dialog/at-least-one.ts';
import { useLanguage } from '../../app/i18n/language.ts';
import { useSite } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { instantOf, timeZoneName } from '../../format/instant.ts';
import { type DraftFields, longestWindow, windowOf } from './draft.ts';

/** What for, on what grounds, for which case. */
export function PurposePanel() {
  const { t } = useTranslation();
  const purpose = Form.useWatch<DraftFields['purpose']>('purpose');
  return (
    <Panel title={t('access.compose.why')}>
      <div className="compose-row">
        <PurposeField />
        <Form.Item name="caseNumber" label={t('access.compose.case')}>
          <Input maxLength={100} />
        </Form.Item>
      </div>
      <Form.Item
        name="basis"
        label={t('access.compose.basis')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
        {...(purpose === 'other' ? { extra: t('access.compose.basisOther') } : {})}
      >
        <Input.TextArea rows={4} maxLength={2000} placeholder={t('access.compose.basisPlaceholder')} />
      </Form.Item>
    </Panel>
  );
}

export function PurposeField() {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="purpose"
      label={t('access.compose.purpose')}
      rules={[{ required: true, message: t('common.required') }]}
    >
      <Select options={purposes.map((value) => ({ value, label: t(`policy.purpose.${value}`) }))} />
    </Form.Item>
  );
}

/** Which operations, how often, from when until when. */
export function OperationsPanel() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { timeZone } = useSite();
  const presets = [
    { label: t('access.compose.preset.day'), value: () => windowOf(1, timeZone) },
    { label: t('access.compose.preset.three'), value: () => windowOf(3, timeZone) },
    { label: t('access.compose.preset.week'), value: () => windowOf(7, timeZone) },
    { label: t('access.compose.preset.month'), value: () => windowOf(30, timeZone) },
  ];
  return (
    <Panel title={t('access.compose.what')}>
      <Form.Item
        name="operations"
        label={t('access.compose.operations')}
        rules={[atLeastOne(t('access.compose.operationRequired'))]}
      >
        <Checkbox.Group options={operations.map((value) => ({ value, label: t(`policy.operation.${value}`) }))} />
      </Form.Item>
      <div className="compose-row">
        <Form.Item
          name="window"
          label={t('access.compose.window')}
          extra={`${t('access.compose.windowHint')} · ${timeZoneName(timeZone, language)}`}
          rules={[
            { required: true, message: t('access.compose.windowRequired') },
            {
              validator: (_, value: [Dayjs, Dayjs] | null) => {
                if (!value?.[0] || !value[1]) return Promise.resolve();
                if (value[1].diff(value[0], 'day', true) > longestWindow)
                  return Promise.reject(new Error(t('access.compose.windowTooLong')));
                const until = instantOf(value[1].format('YYYY-MM-DD HH:mm:ss'), timeZone);
                return Date.parse(until) > Date.now()
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('access.compose.windowOver')));
              },
            },
          ]}
        >
          <DatePicker.RangePicker
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            allowClear={false}
            presets={presets}
            disabledDate={(day) => day.isBefore(dayjs(windowOf(0, timeZone)[0]), 'day')}
          />
        </Form.Item>
        <Form.Item name="uses" label={t('access.compose.uses')}>
          <InputNumber min={1} max={100} precision={0} />
        </Form.Item>
      </div>
    </Panel>
  );
}
