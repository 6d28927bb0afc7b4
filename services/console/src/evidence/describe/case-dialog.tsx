import type { CaseFile } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';

interface Fields {
  readonly number: string;
  readonly title: string;
  readonly subject?: string;
}

interface CaseDialogProps {
  /** whose case it will be */
  readonly unit: { readonly id: string; readonly name: string };
  readonly onOpened: (file: CaseFile) => void;
  readonly onClose: () => void;
}

export function CaseDialog({ unit, onOpened, onClose }: CaseDialogProps) {
  const { t } = useTranslation();
  return (
    <FormDialog<Fields, CaseFile>
      title={t('describe.newCase')}
      send={({ number, title, subject }) =>
        client.call('createCase', {
          body: {
            number: number.trim(),
            title: title.trim(),
            subject: subject?.trim() || null,
            unit: unit.id,
            officers: [],
          },
        })
      }
      refresh={[keys.cases]}
      done={t('describe.caseMade')}
      onDone={onOpened}
      onClose={onClose}
    >
      <p className="quiet">
        {t('describe.caseUnit')}
        {t('common.colon')}
        {unit.name}
      </p>
      <TextField name="number" label={t('describe.caseNumber')} maxLength={100} autoFocus />
      <TextField name="title" label={t('describe.caseTitle')} maxLength={200} />
      <TextField name="subject" label={t('describe.caseSubject')} maxLength={200} optional />
    </FormDialog>
  );
}
