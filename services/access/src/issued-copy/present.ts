import type { IssuedCopyRecord } from '@fengcun/catalog';
import { type IssuedCopy, toldOfNullable } from '@fengcun/contracts';

/** A copy as its owner sees it. */
export function presentCopy(record: IssuedCopyRecord): IssuedCopy {
  const { state, size, sha256 } = record;
  return {
    id: record.id,
    evidence: record.evidence_id,
    evidenceName: record.evidence_name,
    operation: record.operation,
    form: record.form,
    mark: record.mark,
    state,
    percent: record.percent,
    reason: record.reason,
    ...toldOfNullable(record.detail),
    recipient: record.recipient,
    purpose: record.purpose,
    render: record.render_id,
    rule: record.rule,
    authorisation: record.grant_id,
    event: String(record.event_id),
    createdAt: record.created_at.toISOString(),
    readyAt: record.ready_at?.toISOString() ?? null,
    expiresAt: record.expires_at?.toISOString() ?? null,
    file:
      state === 'ready' && size !== null && sha256 !== null
        ? {
            name: record.file_name,
            mediaType: record.media_type,
            size,
            sha256: sha256.toString('hex'),
            content: `/api/copies/${record.id}/content`,
          }
        : null,
    downloads: record.downloads,
  };
}
