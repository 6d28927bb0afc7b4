import { type AccessRequest, readAttachment, urlOf } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { Dialog } from '../../app/dialog/dialog.tsx';

interface AttachmentDialogProps {
  readonly request: string;
  readonly attachment: AccessRequest['attachments'][number];
  readonly onClose: () => void;
}

type Shown = { readonly as: 'picture'; readonly picture: Blob } | { readonly as: 'pages' } | { readonly as: 'file' };

/** What every browser draws. */
const pictures = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/bmp'];

/** A letter or an identity document, beside the decision that rests on it. */
export function AttachmentDialog({ request, attachment, onClose }: AttachmentDialogProps) {
  const { t } = useTranslation();
  const { evidence, kind, name } = attachment;
  const params = { id: request, evidence };
  const address = urlOf(readAttachment.path, params);
  const scan = useQuery({
    queryKey: keys.attachment(request, evidence),
    queryFn: async ({ signal }): Promise<Shown> => {
      const reply = await client.call('readAttachment', { params, signal });
      const type = reply.headers.get('content-type') ?? '';
      if (pictures.includes(type)) return { as: 'picture', picture: await reply.blob() };
      // A frame asks for itself: what it shows then stands under the reply's own policy, in no origin at all.
      await reply.body?.cancel();
      return { as: type === 'application/pdf' ? 'pages' : 'file' };
    },
    // Not to lie in memory once it is closed.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const title = name ?? evidence;
  return (
    <Dialog
      open
      width={920}
      centered
      title={`${t(`access.detail.attachmentKind.${kind}`)} · ${title}`}
      onCancel={onClose}
      footer={
        scan.data && (
          <a href={address} target="_blank" rel="noreferrer">
            {scan.data.as === 'file' ? t('access.detail.attachmentSave') : t('access.detail.attachmentNewTab')}
          </a>
        )
      }
    >
      <Loaded query={scan} rows={8}>
        {(shown) =>
          shown.as === 'picture' ? (
            <Picture picture={shown.picture} name={title} />
          ) : shown.as === 'pages' ? (
            <iframe className="scan-pages" title={title} src={address} />
          ) : (
            <p className="quiet">{t('access.detail.attachmentNotShown')}</p>
          )
        }
      </Loaded>
      <p className="quiet small">{t('access.detail.attachmentOnRecord')}</p>
    </Dialog>
  );
}

function Picture({ picture, name }: { readonly picture: Blob; readonly name: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(picture);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return url === null ? null : <img className="scan-picture" src={url} alt={name} />;
}
