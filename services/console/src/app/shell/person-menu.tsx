import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { When } from '../../format/when.tsx';
import { useMe } from '../session/use-session.ts';
import { useSignOut } from '../session/use-sign-out.ts';

/** Who is signed in, in which unit, with which roles; and the way out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const [open, setOpen] = useState(false);
  const signOut = useSignOut();
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
      <Link to="/me" className="person-account" onClick={() => setOpen(false)}>
        {t('common.nav.account')}
      </Link>
      <Button
        block
        icon={<LogoutOutlined aria-hidden="true" />}
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        {t('common.signOut')}
      </Button>
    </div>
  );
  return (
    <Popover content={details} trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen}>
      <Button type="text" icon={<UserOutlined aria-hidden="true" />} className="person-button" aria-haspopup="dialog">
        <span className="person-button-name">{me.name}</span>
        <span className="quiet person-button-unit">{me.unit.name}</span>
      </Button>
    </Popover>
  );
}
