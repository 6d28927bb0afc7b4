import { passwordRules } from '@fengcun/contracts';
import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { localPasswordFaults } from './password-faults.ts';

export interface NewPassword {
  readonly next: string;
  readonly again: string;
}

interface NewPasswordFieldsProps {
  /** what must not be in it: login and name */
  readonly personal: readonly string[];
  readonly autoFocus?: boolean;
}

/** A new password twice, with its rules said before they are broken. */
export function NewPasswordFields({ personal, autoFocus = false }: NewPasswordFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="next"
        label={t('account.password.next')}
        extra={t('account.password.rules', passwordRules)}
        rules={[
          { required: true, message: t('common.required') },
          {
            validator: (_, value: unknown) => {
              const faults = typeof value === 'string' && value ? localPasswordFaults(value, personal) : [];
              const [first] = faults;
              return first ? Promise.reject(new Error(t(`account.password.fault.${first}`))) : Promise.resolve();
            },
          },
        ]}
      >
        <Input.Password autoFocus={autoFocus} autoComplete="new-password" maxLength={passwordRules.maxLength} />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('account.password.again')}
        dependencies={['next']}
        rules={[
          { required: true, message: t('common.required') },
          ({ getFieldValue }) => ({
            validator: (_, value: unknown) =>
              !value || value === getFieldValue('next')
                ? Promise.resolve()
                : Promise.reject(new Error(t('account.password.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={passwordRules.maxLength} />
      </Form.Item>
    </>
  );
}
