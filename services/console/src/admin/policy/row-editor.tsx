import { actions, applicantKinds, approverRoles, type MatrixRow, purposes, roles } from '@fengcun/contracts';
import { Checkbox, Form, Input, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../app/dialog/dialog.tsx';
import { fieldsOfRow, type RowFields, rowOf } from './row-fields.ts';

interface RowEditorProps {
  /** null: a new row */
  readonly row: MatrixRow | null;
  /** names of the other rows */
  readonly taken: ReadonlySet<string>;
  readonly onDone: (row: MatrixRow) => void;
  readonly onClose: () => void;
}

/** One row of the matrix. Nothing is sent: the whole matrix is, as a new version. */
export function RowEditor({ row, taken, onDone, onClose }: RowEditorProps) {
  const { t } = useTranslation();
  const [form] = Form.useForm<RowFields>();
  const outcome = Form.useWatch('outcome', form);
  const required = [{ required: true, message: t('common.required') }];
  return (
    <Dialog
      open
      width={640}
      title={t('admin.matrix.row.title')}
      onCancel={onClose}
      onOk={form.submit}
      okText={t('common.confirm')}
    >
      <Form<RowFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={fieldsOfRow(row)}
        onFinish={(fields) => onDone(rowOf(fields))}
      >
        <Form.Item
          name="rule"
          label={t('admin.matrix.row.rule')}
          extra={t('admin.matrix.row.ruleHint')}
          rules={[
            { required: true, pattern: /^[a-z][a-z0-9_]{2,63}$/, message: t('admin.matrix.row.ruleHint') },
            {
              validator: (_, value: unknown) =>
                typeof value === 'string' && taken.has(value)
                  ? Promise.reject(new Error(t('admin.matrix.row.taken')))
                  : Promise.resolve(),
            },
          ]}
        >
          <Input autoFocus maxLength={64} spellCheck={false} />
        </Form.Item>
        <Form.Item name="actions" label={t('admin.matrix.row.actions')} rules={required}>
          <Select
            mode="multiple"
            options={actions.map((value) => ({ value, label: t(`policy.action.${value}`) }))}
            optionFilterProp="label"
          />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="who" label={t('admin.matrix.row.who')} rules={required}>
            <Select
              mode="multiple"
              optionFilterProp="label"
              options={[
                ...roles.map((value) => ({ value, label: t(`common.role.${value}`) })),
                { value: 'dock' as const, label: t('policy.dock') },
              ]}
            />
          </Form.Item>
          <Form.Item name="reach" label={t('admin.matrix.row.reach')} rules={required}>
            <Select
              options={(['own_unit', 'anywhere'] as const).map((value) => ({
                value,
                label: t(`admin.matrix.reach.${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item name="purposes" label={t('admin.matrix.row.purposes')}>
            <Select
              mode="multiple"
              allowClear
              options={purposes.map((value) => ({ value, label: t(`policy.purpose.${value}`) }))}
            />
          </Form.Item>
          <Form.Item name="onBehalf" label={t('admin.matrix.row.onBehalf')}>
            <Select
              mode="multiple"
              allowClear
              options={applicantKinds.map((value) => ({ value, label: t(`policy.applicant.${value}`) }))}
            />
          </Form.Item>
          <Form.Item name="redacted" label={t('admin.matrix.row.redacted')}>
            <Select
              options={[
                { value: 'any', label: t('admin.matrix.row.redactedAny') },
                { value: 'yes', label: t('admin.matrix.row.redactedYes') },
                { value: 'no', label: t('admin.matrix.row.redactedNo') },
              ]}
            />
          </Form.Item>
          <Form.Item name="ownCase" valuePropName="checked" className="row-own-case">
            <Checkbox>{t('admin.matrix.row.ownCase')}</Checkbox>
          </Form.Item>
        </div>
        <Form.Item name="outcome" label={t('admin.matrix.row.outcome')} rules={required}>
          <Radio.Group
            options={[
              { value: 'allow', label: t('admin.matrix.outcome.allow') },
              { value: 'needApproval', label: t('policy.outcome.needApproval') },
              { value: 'deny', label: t('admin.matrix.outcome.deny') },
            ]}
          />
        </Form.Item>
        {outcome === 'needApproval' && (
          <Form.Item
            name="approvers"
            label={t('admin.matrix.row.approvers')}
            extra={t('admin.matrix.row.approversHint')}
            rules={required}
          >
            <Select
              mode="multiple"
              options={approverRoles.map((value) => ({ value, label: t(`common.role.${value}`) }))}
            />
          </Form.Item>
        )}
      </Form>
    </Dialog>
  );
}
