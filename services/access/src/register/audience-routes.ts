import { appendEvent, type Candidate, CatalogError, listCandidates } from '@fengcun/catalog';
import { type AudienceMember, getAudience, purposes } from '@fengcun/contracts';
import { actorOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { type DecidedItem, Judgement, matrixOf } from '../evidence/circumstances.ts';
import { findVisible, itemOf, onRecord, requireAllowed } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

const asked = ['see', 'play', 'download_proxy', 'download_original', 'package', 'disclose'] as const;

/** "Who could see this item, and why": the policy's own answers for everybody whom it could allow anything. */
export function audienceRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  route(app, getAudience, async ({ params, query, request }) => {
    const record = await findVisible(access, request, params.id);
    await requireAllowed(access, request, 'read_register', record);
    const { cursor, limit = defaultLimit } = query;
    const subject = { kind: 'evidence', id: record.id } as const;
    const look = { type: 'audience.read', actor: actorOf(request.caller), subject, data: {} } as const;
    await onRecord(catalog.transaction().execute((trx) => appendEvent(trx, look, clock)));
    const candidates = await listCandidates(catalog, itemOf(record), clock.now(), accountOf(cursor), limit + 1);
    const shown = candidates.slice(0, limit);
    const last = shown.at(-1);
    const members = await Promise.all(shown.map((candidate) => memberOf(access, candidate, itemOf(record))));
    return {
      // A role that the matrix allows nothing at all is no reader of the item.
      items: members.filter(({ operations }) => operations.some(({ outcome }) => outcome !== 'deny')),
      next: candidates.length > limit && last ? Buffer.from(last.account.id).toString('base64url') : null,
    };
  });
}

async function memberOf({ catalog }: Access, candidate: Candidate, item: DecidedItem): Promise<AudienceMember> {
  const { account, roles, grants, ownCase, matrixVersion } = candidate;
  const matrix = await matrixOf(catalog, matrixVersion);
  const judgement = new Judgement({ kind: 'person', id: account.id, roles }, item, {
    grants,
    ownCase,
    matrix,
    matrixVersion,
  });
  return {
    account,
    operations: asked.map((action) => {
      const decision = judgement.decide(action);
      return {
        action,
        outcome: decision.outcome,
        rule: decision.rule,
        grant: decision.outcome === 'allow' ? (decision.authorisation ?? null) : null,
        purposes:
          decision.outcome === 'needApproval'
            ? purposes.filter((purpose) => judgement.decide(action, { purpose }).outcome === 'allow')
            : [],
      };
    }),
  };
}

function accountOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new CatalogError('cursor_invalid');
  return id;
}
