import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, type FormInstance, Input } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../api/problem-notice.tsx';
import { Dialog } from './dialog.tsx';

interface FormDialogProps<F extends object, R> {
  readonly title: string;
  /** words of the button that sends; `common.save` unless said */
  readonly ok?: string;
  /** the button warns: what it does ends something */
  readonly danger?: boolean;
  readonly width?: number;
  readonly initial?: Partial<F>;
  /** what is sent when the form is complete; a rejection is shown in the dialog, which stays open */
  readonly send: (fields: F) => Promise<R>;
  /** queries to ask anew after it was done */
  readonly refresh?: readonly QueryKey[];
  /** words that say that it was done */
  readonly done?: string;
  /** says more of a rejection than its problem does, and may put it right; null: the problem is shown as it is */
  readonly explain?: (error: unknown, form: FormInstance<F>, forget: () => void) => ReactNode;
  /** instead of `onClose`, where something follows */
  readonly onDone?: (reply: R) => void;
  readonly onClose: () => void;
  readonly children: ReactNode | ((form: FormInstance<F>) => ReactNode);
}

/** The one dialog that asks for something, sends it, and stays open with the problem when that fails. */
export function FormDialog<F extends object, R = unknown>(props: FormDialogProps<F, R>) {
  const {
    title,
    ok,
    danger = false,
    width,
    initial,
    send,
    refresh = [],
    done,
    explain,
    onDone,
    onClose,
    children,
  } = props;
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<F>();
  const sending = useMutation({
    mutationFn: send,
    onSuccess: async (reply) => {
      await Promise.all(refresh.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      if (done) message.success(done);
      if (onDone) onDone(reply);
      else onClose();
    },
    // What comes back may be shown once and must be in no cache afterwards.
    gcTime: 0,
  });
  return (
    <Dialog
      open
      title={title}
      onCancel={onClose}
      onOk={form.submit}
      okText={ok ?? t('common.save')}
      okButtonProps={{ danger }}
      confirmLoading={sending.isPending}
      {...(width ? { width } : {})}
    >
      <Form<F>
        form={form}
        layout="vertical"
        {...(initial ? { initialValues: initial } : {})}
        onFinish={(fields) => sending.mutate(fields)}
      >
        {typeof children === 'function' ? children(form) : children}
      </Form>
      {sending.error && (explain?.(sending.error, form, sending.reset) ?? <ProblemNotice error={sending.error} />)}
    </Dialog>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly extra?: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** several lines */
  readonly rows?: number;
  readonly autoFocus?: boolean;
  readonly optional?: boolean;
  readonly pattern?: { readonly value: RegExp; readonly message: string };
  readonly autoComplete?: string;
}

/** A line or a few lines of text that somebody has to write. */
export function TextField(props: TextFieldProps) {
  const { name, label, extra, placeholder, maxLength = 500, rows, autoFocus = false, optional = false } = props;
  const { t } = useTranslation();
  const shared = { autoFocus, maxLength, placeholder, autoComplete: props.autoComplete ?? 'off' };
  return (
    <Form.Item
      name={name}
      label={label}
      extra={extra}
      rules={[
        ...(optional ? [] : [{ required: true, whitespace: true, message: t('common.required') }]),
        ...(props.pattern ? [{ pattern: props.pattern.value, message: props.pattern.message }] : []),
      ]}
    >
      {rows ? <Input.TextArea {...shared} rows={rows} /> : <Input {...shared} />}
    </Form.Item>
  );
}
