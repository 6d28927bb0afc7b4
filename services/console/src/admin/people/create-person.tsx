import { MinusCircleOutlined, PlusOutlined } from '@ant-design/icons';
import { type CallReply, type Role, roles } from '@fengcun/contracts';
import { Button, Form, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { UnitField, useUnits } from '../../app/dialog/unit-field.tsx';
import { useSite } from '../../app/session/use-session.ts';
import { OneTimePassword } from './one-time-password.tsx';

interface Fields {
  readonly name: string;
  readonly login: string;
  readonly officerNumber?: string;
  readonly unit: string;
  readonly roles?: readonly { readonly role?: Role; readonly unit?: string }[];
  readonly password: boolean;
}

type Created = CallReply<'createAccount'>;

/** A new account; its one-time password is shown once. */
export function CreatePerson({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { signIn } = useSite();
  const navigate = useNavigate();
  const [created, setCreated] = useState<Created | null>(null);
  const goThere = ({ account }: Created) => {
    onClose();
    void navigate(`/admin/people/${account.id}`);
  };
  if (created) return <OneTimePassword made={created} onClose={() => goThere(created)} />;
  return (
    <FormDialog<Fields, Created>
      title={t('admin.person.create')}
      ok={t('admin.person.create')}
      width={600}
      initial={{ password: true, roles: [{}] }}
      send={(fields) =>
        client.call('createAccount', {
          body: {
            login: fields.login.trim(),
            name: fields.name.trim(),
            officerNumber: fields.officerNumber?.trim() || null,
            unit: fields.unit,
            roles: (fields.roles ?? []).flatMap(({ role, unit }) =>
              role ? [{ role, unit: unit ?? fields.unit }] : [],
            ),
            password: fields.password,
          },
        })
      }
      refresh={[keys.accounts]}
      onDone={(reply) => (reply.oneTimePassword ? setCreated(reply) : goThere(reply))}
      onClose={onClose}
    >
      <div className="form-pair">
        <TextField name="name" label={t('admin.person.name')} maxLength={64} autoFocus />
        <TextField
          name="officerNumber"
          label={t('admin.person.officerNumber')}
          maxLength={32}
          optional
          pattern={{ value: /^\s*[A-Za-z0-9-]{1,32}\s*$/, message: t('admin.person.officerNumberShape') }}
        />
        <TextField
          name="login"
          label={t('admin.person.login')}
          maxLength={64}
          pattern={{ value: /^\s*[A-Za-z0-9][A-Za-z0-9._@-]{1,63}\s*$/, message: t('account.loginShape') }}
        />
        <UnitField name="unit" label={t('admin.person.unit')} />
      </div>
      <FirstRoles />
      <Form.Item name="password" label={t('admin.person.signInBy')}>
        <Radio.Group
          options={[
            { value: true, label: t('admin.person.createPassword') },
            { value: false, label: t('admin.person.createOidc'), disabled: signIn.oidc === null },
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}

function FirstRoles() {
  const { t } = useTranslation();
  const units = useUnits();
  const places =
    units.data?.items.filter(({ closedAt }) => closedAt === null).map(({ id, name }) => ({ value: id, label: name })) ??
    [];
  return (
    <Form.Item label={t('admin.person.firstRole')}>
      <Form.List name="roles">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className="role-line">
                <Form.Item name={[name, 'role']} noStyle>
                  <Select
                    allowClear
                    aria-label={t('admin.person.role')}
                    placeholder={t('admin.person.role')}
                    options={roles.map((role) => ({ value: role, label: t(`common.role.${role}`) }))}
                  />
                </Form.Item>
                <Form.Item name={[name, 'unit']} noStyle>
                  <Select
                    allowClear
                    showSearch={{ optionFilterProp: 'label' }}
                    aria-label={t('admin.person.roleUnit')}
                    placeholder={t('admin.person.unit')}
                    options={places}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t('admin.matrix.remove')}
                  onClick={() => remove(name)}
                />
              </div>
            ))}
            <Button size="small" type="dashed" icon={<PlusOutlined aria-hidden="true" />} onClick={() => add({})}>
              {t('admin.person.addRole')}
            </Button>
          </>
        )}
      </Form.List>
    </Form.Item>
  );
}
