import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client, fetchText, problemIn } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Page, Panel } from '../app/shell/page.tsx';
import { Fact, Facts } from '../evidence/item/fact.tsx';
import { shellWord } from '../evidence/item/receipt.ts';
import { formatBytes } from '../format/bytes.ts';
import { Command } from '../format/command.tsx';
import { CopyButton } from '../format/copy-button.tsx';
import { When } from '../format/when.tsx';
import { readCheckpoint } from './checkpoint.ts';
import './integrity.css';

/** The log as anyone can check it, and how to check it without this page. */
export function IntegrityPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('integrity.title')}>
      <div className="integrity-columns">
        <div className="stack">
          <LogPanel />
          <CheckpointPanel />
          <KeysPanel />
        </div>
        <WithoutUs />
      </div>
    </Page>
  );
}

function LogPanel() {
  const { t } = useTranslation();
  const overview = useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => client.call('getOverview', { signal }),
  });
  const checkpoint = useCheckpoint();
  const signed = checkpoint.data ? readCheckpoint(checkpoint.data) : null;
  return (
    <Panel title={t('integrity.log.title')}>
      <p className="quiet panel-text">{t('integrity.log.hint')}</p>
      <Loaded query={overview}>
        {({ ledger, evidence }) => {
          const root = signed?.root ?? ledger.root;
          return (
            <Facts>
              <Fact name={t('integrity.log.size')}>
                <span className="num strong integrity-size">
                  {(signed?.size ?? ledger.size).toLocaleString('en-US')}
                </span>
              </Fact>
              <Fact name={t('integrity.log.root')}>
                {root ? (
                  <>
                    <code className="breakable">{root}</code>
                    <CopyButton value={root} what={t('integrity.log.root')} />
                  </>
                ) : (
                  '—'
                )}
              </Fact>
              <Fact name={t('integrity.log.signedAt')}>
                <When at={ledger.signedAt} />
              </Fact>
              <Fact name={t('integrity.log.pending')}>
                {ledger.pending === 0 ? (
                  <span className="good">{t('integrity.log.pendingNone')}</span>
                ) : (
                  <span className="num">{ledger.pending}</span>
                )}
              </Fact>
              <Fact name={t('integrity.evidence.sealed')}>
                <span className="num">{evidence.sealed.toLocaleString('en-US')}</span>
                <span className="quiet"> · {formatBytes(evidence.bytes)}</span>
              </Fact>
              <Fact name={t('integrity.evidence.quarantined')}>
                <span className={evidence.quarantined > 0 ? 'num danger strong' : 'num'}>
                  {evidence.quarantined.toLocaleString('en-US')}
                </span>
              </Fact>
            </Facts>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function useCheckpoint() {
  return useQuery({ queryKey: keys.checkpoint, queryFn: ({ signal }) => fetchText('/ledger/checkpoint', signal) });
}

function CheckpointPanel() {
  const { t } = useTranslation();
  const checkpoint = useCheckpoint();
  const missing = checkpoint.error && problemIn(checkpoint.error).status === 404;
  return (
    <Panel title={t('integrity.checkpoint.title')} tools={<a href="/ledger/checkpoint">/ledger/checkpoint</a>}>
      <p className="quiet small panel-text">{t('integrity.checkpoint.hint')}</p>
      {missing ? (
        <Nothing title={t('integrity.log.empty')} hint={t('integrity.log.emptyHint')} />
      ) : (
        <Loaded query={checkpoint}>{(note) => <Command text={note.trimEnd()} />}</Loaded>
      )}
    </Panel>
  );
}

function KeysPanel() {
  const { t } = useTranslation();
  const logKeys = useQuery({ queryKey: keys.ledgerKeys, queryFn: ({ signal }) => fetchText('/ledger/keys', signal) });
  return (
    <Panel title={t('integrity.keys.title')} tools={<a href="/ledger/keys">/ledger/keys</a>}>
      <p className="quiet small panel-text">{t('integrity.keys.hint')}</p>
      <Loaded query={logKeys} rows={1}>
        {(text) => <Command text={text.trimEnd()} />}
      </Loaded>
    </Panel>
  );
}

function WithoutUs() {
  const { t } = useTranslation();
  const { origin } = window.location;
  const file = shellWord(t('integrity.without.fileName'));
  const receipt = shellWord(t('integrity.without.receiptName'));
  const keysFile = shellWord(t('integrity.without.keysName'));
  return (
    <Panel title={t('integrity.without.title')}>
      <p className="panel-text">{t('integrity.without.lead')}</p>
      <h3 className="panel-sub">{t('integrity.without.file')}</h3>
      <p className="quiet small panel-text">{t('integrity.without.fileHint')}</p>
      <Command text={`fengcun-verify ${file} ${receipt} --keys ${keysFile}`} />
      <h3 className="panel-sub">{t('integrity.without.keep')}</h3>
      <p className="quiet small panel-text">{t('integrity.without.keepHint')}</p>
      <Command
        text={`curl -o ${shellWord(t('integrity.without.checkpointName'))} ${origin}/ledger/checkpoint\ncurl -o ${keysFile} ${origin}/ledger/keys`}
      />
      <h3 className="panel-sub">{t('integrity.without.digest')}</h3>
      <p className="quiet small panel-text">{t('integrity.without.digestHint')}</p>
      <Command text={`openssl dgst -sha256 ${file}\nopenssl dgst -sm3 ${file}`} />
    </Panel>
  );
}
