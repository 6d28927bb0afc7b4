import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { Dialog } from '../../app/dialog/dialog.tsx';
import { When } from '../../format/when.tsx';

/** Who has said what about the item, newest first; the newest fifty versions. */
export function VersionsDialog({ evidence, onClose }: { readonly evidence: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: keys.descriptions(evidence),
    queryFn: ({ signal }) =>
      client.call('listDescriptions', { params: { id: evidence }, query: { limit: 50 }, signal }),
  });
  return (
    <Dialog open title={t('describe.versions')} footer={null} width={620} onCancel={onClose}>
      <Loaded query={versions}>
        {({ items }) => (
          <ol className="rows" reversed>
            {items.map((each) => (
              <li key={each.version} className="description-version">
                <div className="strong">{each.title ?? '—'}</div>
                <div>
                  {[each.place, each.case?.number, each.matter?.title, ...each.tags].filter(Boolean).join(' · ')}
                </div>
                {each.note && <div className="description-note">{each.note}</div>}
                <div className="quiet small">
                  {t('describe.by', { name: each.by?.name ?? '—', version: each.version })}
                  {each.at && (
                    <>
                      {' · '}
                      <When at={each.at} />
                    </>
                  )}
                </div>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Dialog>
  );
}
