import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { When } from '../../format/when.tsx';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { useMe } from '../session/use-session.ts';

/** Who is signed in, in which unit, with which roles; and the way out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const queryClient = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => client.call('signOut'),
    onSettled: () => {
      queryClient.setQueryData(keys.me, null);
      queryClient.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== keys.site[0] && queryKey[0] !== keys.me[0],
      });
    },
  });
  const details = (
    <div className="person-card">
      <div className="person-name">
        {me.name}
        {me.officerNumber && <span className="num quiet"> {me.officerNumber}</span>}
      </div>
      <ul className="person-roles">
        {me.roles.map((held) => (
          <li key={`${held.unit}${held.role}`}>
            <span>{t(`common.role.${held.role}`)}</span>
            <span className="quiet">{held.unitName}</span>
          </li>
        ))}
      </ul>
      <div className="quiet small person-until">
        {t('common.sessionUntil')} <When at={me.expiresAt} />
      </div>
      <Button block icon={<LogoutOutlined />} loading={signOut.isPending} onClick={() => signOut.mutate()}>
        {t('common.signOut')}
      </Button>
    </div>
  );
  return (
    <Popover content={details} trigger="click" placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} className="person-button" aria-haspopup="dialog">
        <span className="person-button-name">{me.name}</span>
        <span className="quiet person-button-unit">{me.unit.name}</span>
      </Button>
    </Popover>
  );
}
