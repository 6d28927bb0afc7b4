import { PlusOutlined } from '@ant-design/icons';
import { type CallReply, type Token, tokenScopes } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { atLeastOne } from '../app/dialog/at-least-one.ts';
import { useQuestion } from '../app/dialog/dialog.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { OnceDialog } from '../app/dialog/once-dialog.tsx';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';

type Made = CallReply<'createToken'>;
type Scope = (typeof tokenScopes)[number];
const lifetimes = [7, 30, 90, 180, 366] as const;

/** Tokens for programs that act in one's name, and never for more than one may do oneself. */
export function TokensPanel() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const question = useQuestion();
  const queryClient = useQueryClient();
  const tokens = useQuery({
    queryKey: keys.myTokens,
    queryFn: ({ signal }) => client.call('listTokens', { signal }),
  });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const revoke = useMutation({
    mutationFn: ({ id }: Token) => client.call('revokeToken', { params: { id } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.myTokens });
      message.success(t('account.tokens.revoked'));
    },
  });
  const ask = (token: Token) =>
    question({
      title: t('account.tokens.revokeConfirm', { name: token.name }),
      hint: t('account.tokens.revokeHint'),
      ok: t('account.tokens.revoke'),
      danger: true,
      onOk: () => revoke.mutateAsync(token),
    });
  return (
    <Panel
      title={t('account.tokens.title')}
      tools={
        <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setMaking(true)}>
          {t('account.tokens.create')}
        </Button>
      }
      flush
    >
      {revoke.error && <ProblemNotice error={revoke.error} />}
      <Loaded query={tokens}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('account.tokens.none')} hint={t('account.tokens.noneHint')} />
          ) : (
            <ul className="rows">
              {items.map((token) => (
                <li key={token.id} className="session-row">
                  <div>
                    <span className="strong">{token.name}</span>{' '}
                    {token.scopes.map((scope) => (
                      <span key={scope} className="tag plain token-scope">
                        {t(`account.tokens.scope.${scope}`)}
                      </span>
                    ))}
                    <div className="quiet small">
                      {t('account.tokens.expires')} <When at={token.expiresAt} />
                    </div>
                    <div className="quiet small">
                      {t('account.tokens.used')}{' '}
                      {token.lastUsedAt ? <When at={token.lastUsedAt} /> : t('account.tokens.never')}
                    </div>
                  </div>
                  <Button size="small" danger onClick={() => ask(token)}>
                    {t('account.tokens.revoke')}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {making && (
        <CreateToken
          onClose={() => setMaking(false)}
          onMade={(reply) => {
            setMaking(false);
            setMade(reply);
          }}
        />
      )}
      {made && (
        <OnceDialog
          title={t('account.tokens.madeTitle', { name: made.token.name })}
          warning={t('account.tokens.once')}
          secret={made.secret}
          what={t('account.tokens.token')}
          doneText={t('account.tokens.saved')}
          onClose={() => setMade(null)}
        >
          <p className="quiet">
            {t('account.tokens.expires')} <When at={made.token.expiresAt} />
          </p>
        </OnceDialog>
      )}
    </Panel>
  );
}

interface Fields {
  readonly name: string;
  readonly scopes: Scope[];
  readonly days: number;
}

function CreateToken({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<Fields, Made>
      title={t('account.tokens.create')}
      initial={{ scopes: ['read'], days: 30 }}
      send={({ name, scopes, days }) => client.call('createToken', { body: { name: name.trim(), scopes, days } })}
      refresh={[keys.myTokens]}
      onDone={onMade}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('account.tokens.name')}
        placeholder={t('account.tokens.namePlaceholder')}
        maxLength={64}
        autoFocus
      />
      <Form.Item
        name="scopes"
        label={t('account.tokens.scopes')}
        rules={[atLeastOne(t('account.tokens.scopesRequired'))]}
      >
        <Checkbox.Group className="token-scopes">
          {tokenScopes.map((scope) => (
            <Checkbox key={scope} value={scope}>
              {t(`account.tokens.scope.${scope}`)}
              <span className="quiet small"> {t(`account.tokens.scopeHint.${scope}`)}</span>
            </Checkbox>
          ))}
        </Checkbox.Group>
      </Form.Item>
      <Form.Item name="days" label={t('account.tokens.lifetime')}>
        <Select
          options={lifetimes.map((days) => ({ value: days, label: t('account.tokens.days', { count: days }) }))}
        />
      </Form.Item>
    </FormDialog>
  );
}
