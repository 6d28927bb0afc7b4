import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Operations, RequestStateTag, type RequestSummary, UrgentMark } from '../access/marks.tsx';
import { requestsToDecide } from '../access/to-decide.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { dispositionsToDecide, isOpen, liveGrants, myRequests } from './my-access.ts';

/** How much of each is shown here; the rest is behind a link. */
const shown = 5;
/** a grant that ends within so long is worth a reminder, ms */
const endingSoon = 3 * 86_400_000;

/** What waits for me: to decide, to finish, or to use before it ends. */
export function WaitingPanel() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Panel title={t('desk.waiting')} flush>
      {mayCall(me, 'decideRequest') && <ToDecide />}
      {mayCall(me, 'decideDisposition') && <Dispositions />}
      {mayCall(me, 'createRequest') && <Mine />}
      {mayCall(me, 'listGrants') && <Ending />}
    </Panel>
  );
}

interface SectionProps {
  readonly title: string;
  readonly count: number;
  readonly to: string;
  readonly children: ReactNode;
}

function Section({ title, count, to, children }: SectionProps) {
  const { t } = useTranslation();
  return (
    <div className="waiting">
      <div className="waiting-head">
        <h3>
          {title} <span className="num quiet">{count}</span>
        </h3>
        {count > shown && <Link to={to}>{t('desk.seeAll')}</Link>}
      </div>
      {children}
    </div>
  );
}

function ToDecide() {
  const { t } = useTranslation();
  const requests = useQuery(requestsToDecide);
  return (
    <Loaded query={requests} rows={2}>
      {({ items }) => (
        <Section title={t('desk.toDecide')} count={items.length} to="/access/to-decide">
          {items.length === 0 ? (
            <p className="quiet waiting-none">{t('desk.toDecideNone')}</p>
          ) : (
            <ul className="rows">
              {items
                .toSorted(urgentFirst)
                .slice(0, shown)
                .map((request) => (
                  <RequestRow key={request.id} request={request} who />
                ))}
            </ul>
          )}
        </Section>
      )}
    </Loaded>
  );
}

/** Items whose disposal somebody asked for; said only when there are some. */
function Dispositions() {
  const { t } = useTranslation();
  const asked = useQuery(dispositionsToDecide);
  const count = asked.data?.items.filter(({ actions }) => actions.decide).length ?? 0;
  if (count === 0) return null;
  return (
    <Section title={t('desk.dispositions')} count={count} to="/admin/retention">
      <p className="waiting-none">
        <Link to="/admin/retention">{t('desk.dispositionsGo')}</Link>
      </p>
    </Section>
  );
}

/** What was opened already, then what is due first. */
function urgentFirst(a: RequestSummary, b: RequestSummary): number {
  const rank = ({ kind }: RequestSummary) => (kind === 'urgent' ? 0 : 1);
  return rank(a) - rank(b) || (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9');
}

function Mine() {
  const { t } = useTranslation();
  const requests = useQuery(myRequests);
  return (
    <Loaded query={requests} rows={2}>
      {({ items }) => {
        const open = items.filter(isOpen);
        if (open.length === 0) return null;
        return (
          <Section title={t('desk.mine')} count={open.length} to="/access/mine">
            <ul className="rows">
              {open.slice(0, shown).map((request) => (
                <RequestRow key={request.id} request={request} />
              ))}
            </ul>
          </Section>
        );
      }}
    </Loaded>
  );
}

function RequestRow({ request, who = false }: { readonly request: RequestSummary; readonly who?: boolean }) {
  const { t } = useTranslation();
  const { id, number, kind, requester, applicant, purpose, items, dueAt } = request;
  return (
    <li>
      <Link to={`/access/requests/${id}`} className="waiting-row">
        <span className="num strong">{t('access.number', { number })}</span>
        <span className="waiting-what">
          {who && <span className="strong">{requester.name} </span>}
          {t(`policy.purpose.${purpose}`)}
          {applicant && (
            <span className="quiet"> · {applicant.organisation ?? t(`policy.applicant.${applicant.kind}`)}</span>
          )}
          <span className="quiet"> · {t('common.items', { count: items })}</span>
        </span>
        {kind === 'urgent' ? <UrgentMark /> : <RequestStateTag request={request} />}
        <span className="quiet small waiting-due">
          {dueAt && (
            <>
              {t('access.column.due')} <When at={dueAt} />
            </>
          )}
        </span>
      </Link>
    </li>
  );
}

function Ending() {
  const { t } = useTranslation();
  const grants = useQuery(liveGrants);
  return (
    <Loaded query={grants} rows={2}>
      {({ items }) => {
        const ending = items
          .filter(({ until }) => Date.parse(until) - Date.now() < endingSoon)
          .toSorted((a, b) => a.until.localeCompare(b.until));
        if (items.length === 0) return <Nothingness />;
        return (
          <Section title={t('desk.ending')} count={ending.length} to="/access/grants?state=live">
            {ending.length === 0 ? (
              <p className="quiet waiting-none">
                {t('desk.endingNone')}{' '}
                <Link to="/access/grants?state=live">{t('desk.liveGrants', { count: items.length })}</Link>
              </p>
            ) : (
              <ul className="rows">
                {ending.slice(0, shown).map(({ id, request, operations, items: evidence, until }) => (
                  <li key={id}>
                    <Link to={`/access/requests/${request}`} className="waiting-row grant-ending">
                      <span className="waiting-what">
                        <Operations operations={operations} />
                        <span className="quiet"> · {t('common.items', { count: evidence.length })}</span>
                      </span>
                      <span className="quiet small waiting-due">
                        {t('access.grant.until')} <When at={until} />
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Section>
        );
      }}
    </Loaded>
  );
}

/** Said once, when there is neither a request of one's own nor a grant, to people who do not decide either. */
function Nothingness() {
  const { t } = useTranslation();
  const me = useMe();
  const requests = useQuery(myRequests);
  if (mayCall(me, 'decideRequest') || !requests.data || requests.data.items.some(isOpen)) return null;
  return (
    <Nothing
      title={t('desk.waitingNone')}
      hint={t('desk.waitingHint')}
      action={<Link to="/access/new">{t('access.new')}</Link>}
    />
  );
}
