import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { client, problemIn } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { NotFoundPage } from '../app/not-found-page.tsx';
import { LinkButton } from '../app/shell/link-button.tsx';
import { Page } from '../app/shell/page.tsx';
import { Editor } from './editor.tsx';
import { unsavedRedaction } from './redaction-link.ts';
import { RedactionStateTag } from './state-tag.tsx';
import './redaction.css';

/** One redacted version: its marks over the recording, what came of them, and its review. */
export function RedactionPage() {
  const { t } = useTranslation();
  const { id = '', redaction: name = '' } = useParams();
  const item = useQuery({
    queryKey: keys.evidence(id),
    queryFn: ({ signal }) => client.call('getEvidence', { params: { id }, signal }),
  });
  const fresh = name === unsavedRedaction;
  const saved = useQuery({
    queryKey: keys.redaction(name),
    queryFn: ({ signal }) => client.call('getRedaction', { params: { id: name }, signal }),
    // The stream tells of renderings; how much of one the reader was shown is asked while they watch.
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'rendering' || data?.reviewBlocker === 'not_watched' ? 3000 : false,
    enabled: !fresh,
  });
  const lost = [item.error, saved.error].some((error) => {
    const problem = error ? problemIn(error) : null;
    return problem?.status === 404 || problem?.code === 'invalid_input';
  });
  if (lost || (saved.data && saved.data.evidence !== id)) return <NotFoundPage />;
  const title = fresh ? t('redaction.newTitle') : (saved.data?.name ?? t('redaction.title'));
  return (
    <Page
      title={title}
      lead={
        <>
          {saved.data && <RedactionStateTag state={saved.data.state} />}
          {item.data && <span className="quiet">{t('redaction.of', { name: item.data.title ?? item.data.name })}</span>}
        </>
      }
      tools={<LinkButton to={`/evidence/${id}`}>{t('redaction.back')}</LinkButton>}
    >
      <Loaded query={item} rows={12}>
        {(evidence) =>
          fresh ? (
            <Editor evidence={evidence} redaction={null} />
          ) : (
            <Loaded query={saved} rows={12}>
              {(redaction) => <Editor evidence={evidence} redaction={redaction} />}
            </Loaded>
          )
        }
      </Loaded>
    </Page>
  );
}
