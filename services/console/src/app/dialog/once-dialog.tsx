import { Alert, Button } from 'antd';
import type { ReactNode } from 'react';
import { CopyButton } from '../../format/copy-button.tsx';
import { Dialog } from './dialog.tsx';

interface OnceDialogProps {
  readonly title: string;
  /** that it is shown once, and what to do with it */
  readonly warning: string;
  readonly secret: string;
  /** what the secret is, for the copy button */
  readonly what: string;
  readonly doneText: string;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Shows something once. It is in no cache: closing is the end of it here, so closing takes the one button that says so. */
export function OnceDialog({ title, warning, secret, what, doneText, onClose, children }: OnceDialogProps) {
  return (
    <Dialog
      open
      title={title}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {doneText}
        </Button>
      }
    >
      <Alert type="warning" showIcon title={warning} />
      <div className={secret.length > 30 ? 'code-box long' : 'code-box'}>
        <span>{secret}</span>
        <CopyButton value={secret} what={what} />
      </div>
      {children}
    </Dialog>
  );
}
