import { PlusOutlined } from '@ant-design/icons';
import { type Account, type Role, roles } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { useQuestion } from '../../app/dialog/dialog.tsx';
import { FormDialog } from '../../app/dialog/form-dialog.tsx';
import { UnitField } from '../../app/dialog/unit-field.tsx';
import { Panel } from '../../app/shell/page.tsx';

type Held = Account['roles'][number];

/** Which roles somebody holds where. */
export function RolesPanel({ account, may }: { readonly account: Account; readonly may: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const question = useQuestion();
  const queryClient = useQueryClient();
  const [giving, setGiving] = useState(false);
  const take = useMutation({
    mutationFn: ({ unit, role }: Held) => client.call('takeRole', { params: { id: account.id, unit, role } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.accounts });
      message.success(t('admin.person.taken'));
    },
  });
  const ask = (held: Held) =>
    question({
      title: t('admin.person.takeConfirm', { unit: held.unitName, role: t(`common.role.${held.role}`) }),
      hint: t('admin.person.takeHint'),
      ok: t('admin.person.take'),
      danger: true,
      onOk: () => take.mutateAsync(held),
    });
  return (
    <Panel
      title={t('admin.person.roles')}
      tools={
        may && (
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setGiving(true)}>
            {t('admin.person.giveRole')}
          </Button>
        )
      }
      flush
    >
      {take.error && <ProblemNotice error={take.error} />}
      <ul className="rows">
        {account.roles.map((held) => (
          <li key={`${held.unit}${held.role}`} className="role-row">
            <span className="strong">{t(`common.role.${held.role}`)}</span>
            <span className="quiet">{held.unitName}</span>
            {may ? (
              <Button size="small" type="link" danger onClick={() => ask(held)}>
                {t('admin.person.take')}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
        {account.roles.length === 0 && <li className="quiet panel-line">{t('admin.people.noRoles')}</li>}
      </ul>
      <p className="quiet small panel-line roles-note">{t('admin.person.rolesHint')}</p>
      {giving && (
        <FormDialog<{ role: Role; unit: string }>
          title={t('admin.person.giveRole')}
          ok={t('admin.person.giveRole')}
          initial={{ unit: account.unit.id }}
          send={(body) => client.call('giveRole', { params: { id: account.id }, body })}
          refresh={[keys.accounts]}
          done={t('admin.person.given')}
          onClose={() => setGiving(false)}
        >
          <Form.Item
            name="role"
            label={t('admin.person.role')}
            rules={[{ required: true, message: t('common.required') }]}
          >
            <Select autoFocus options={roles.map((role) => ({ value: role, label: t(`common.role.${role}`) }))} />
          </Form.Item>
          <UnitField name="unit" label={t('admin.person.roleUnit')} />
        </FormDialog>
      )}
    </Panel>
  );
}
