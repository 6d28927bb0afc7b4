import { Tooltip } from 'antd';
import { useSite } from '../app/session/use-session.ts';
import { formatInstant, formatInstantExactly } from './instant.ts';

/** An instant in the site's time zone; the offset and the milliseconds on hover and on focus. */
export function When({ at }: { readonly at: string | null | undefined }) {
  const { timeZone } = useSite();
  if (!at) return <span className="quiet">—</span>;
  return (
    <Tooltip title={formatInstantExactly(at, timeZone)}>
      <time className="num" dateTime={at}>
        {formatInstant(at, timeZone)}
      </time>
    </Tooltip>
  );
}
