import type { Evidence, ItemDescription } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { Fact, Facts } from '../item/fact.tsx';
import { DescribeDialog } from './describe-dialog.tsx';
import { VersionsDialog } from './versions-dialog.tsx';
import './describe.css';

/** What people say about the recording, and the way to say more. */
export function DescriptionPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'edit' | 'versions' | null>(null);
  const { id } = evidence;
  const query = useQuery({
    queryKey: keys.description(id),
    queryFn: ({ signal }) => client.call('getDescription', { params: { id }, signal }),
  });
  const { data } = query;
  return (
    <Panel
      title={t('describe.title')}
      tools={
        <>
          {data && data.version > 0 && (
            <Button size="small" onClick={() => setOpen('versions')}>
              {t('describe.versions')}
            </Button>
          )}
          {data?.actions.describe.allowed && (
            <Button size="small" onClick={() => setOpen('edit')}>
              {t('describe.edit')}
            </Button>
          )}
        </>
      }
    >
      <Loaded query={query}>{(description) => <Said description={description} />}</Loaded>
      {open === 'edit' && data && <DescribeDialog evidence={evidence} current={data} onClose={() => setOpen(null)} />}
      {open === 'versions' && <VersionsDialog evidence={id} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

function Said({ description }: { readonly description: ItemDescription }) {
  const { t } = useTranslation();
  const { title, place, tags, case: file, matter, note, by, at, version } = description;
  if (version === 0) return <p className="quiet">{t('describe.none')}</p>;
  return (
    <Facts>
      {title && <Fact name={t('describe.name')}>{title}</Fact>}
      {place && <Fact name={t('describe.place')}>{place}</Fact>}
      {tags.length > 0 && (
        <Fact name={t('describe.tags')}>
          <span className="description-tags">
            {tags.map((tag) => (
              <Link key={tag} to={`/evidence?tag=${encodeURIComponent(tag)}`} className="tag plain">
                {tag}
              </Link>
            ))}
          </span>
        </Fact>
      )}
      {file && (
        <Fact name={t('describe.case')}>
          <Link to={`/evidence?case=${file.id}`}>{file.number}</Link> {file.title}
        </Fact>
      )}
      {matter && <Fact name={t('describe.matter')}>{matter.title}</Fact>}
      {note && (
        <Fact name={t('describe.note')}>
          <span className="description-note">{note}</span>
        </Fact>
      )}
      {by && at && (
        <Fact name={t('describe.byWhom')}>
          {t('describe.version', { name: by.name, version })} <When at={at} />
        </Fact>
      )}
    </Facts>
  );
}
