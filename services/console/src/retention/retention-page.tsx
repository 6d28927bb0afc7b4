import { mayCall, useMe } from '../app/session/use-session.ts';
import { ClassesPanel } from './classes-panel.tsx';
import { DispositionsPanel } from './dispositions-panel.tsx';
import { DuePanel } from './due-panel.tsx';
import { HoldsPanel } from './holds-panel.tsx';
import { MattersPanel } from './matters-panel.tsx';
import './retention.css';

/** 保管期限: what waits to be disposed of, what may not be, and the rules by which everything is kept. */
export function RetentionPage() {
  const me = useMe();
  return (
    <div className="stack">
      {mayCall(me, 'listDispositions') && <DispositionsPanel />}
      {mayCall(me, 'listDueItems') && <DuePanel />}
      {mayCall(me, 'listHolds') && <HoldsPanel />}
      <MattersPanel />
      <ClassesPanel />
    </div>
  );
}
