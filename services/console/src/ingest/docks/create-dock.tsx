import type { CallReply } from '@fengcun/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { OnceDialog } from '../../app/dialog/once-dialog.tsx';
import { UnitField } from '../../app/dialog/unit-field.tsx';
import { Command } from '../../format/command.tsx';
import { When } from '../../format/when.tsx';

interface Fields {
  readonly name: string;
  readonly unit: string;
}

/** Makes a dock and shows its one-time code, once. */
export function CreateDock({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [created, setCreated] = useState<CallReply<'createDock'> | null>(null);
  if (created) {
    const title = t('ingest.docks.codeTitle', { name: created.dock.name });
    return <DockCode made={created} title={title} onClose={onClose} />;
  }
  return (
    <FormDialog<Fields, CallReply<'createDock'>>
      title={t('ingest.docks.add')}
      ok={t('ingest.docks.add')}
      send={({ name, unit }) => client.call('createDock', { body: { name: name.trim(), unit } })}
      refresh={[keys.docks]}
      onDone={setCreated}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('ingest.docks.name')}
        placeholder={t('ingest.docks.namePlaceholder')}
        maxLength={100}
        autoFocus
      />
      <UnitField name="unit" label={t('ingest.docks.unit')} required={t('ingest.docks.unitRequired')} />
    </FormDialog>
  );
}

interface DockCodeProps {
  readonly made: CallReply<'createDock'>;
  readonly title: string;
  readonly onClose: () => void;
}

/** Shows a dock's one-time code, once, with the command that spends it. */
export function DockCode({ made, title, onClose }: DockCodeProps) {
  const { t } = useTranslation();
  return (
    <OnceDialog
      title={title}
      warning={t('ingest.docks.codeOnce')}
      secret={made.code}
      what={t('ingest.docks.code')}
      doneText={t('ingest.docks.codeDone')}
      onClose={onClose}
    >
      <p className="quiet">
        {t('ingest.docks.codeUntil')} <When at={made.codeExpiresAt} />
      </p>
      <p className="panel-text">{t('ingest.docks.codeCommand')}</p>
      <Command text={`fengcun-dock enroll ${window.location.origin} ${made.code}`} />
    </OnceDialog>
  );
}
