import type { Language } from '../app/i18n/language.ts';

/** `h:mm:ss`, or `m:ss` under an hour: position and length of a recording. */
export function formatClock(ms: number): string {
  return formatHours(ms).replace(/^0:0?/, '');
}

function formatHours(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/** The same as an ISO 8601 duration, for `dateTime` attributes. */
export function isoDuration(ms: number): string {
  return `PT${(ms / 1000).toFixed(3)}S`;
}

const tenthsOfADay = 24 * 60 * 60 * 10;

/** How far apart two clocks are: `12.4 s`, from a minute on `0:01:03`, from a day on `3 d 0:01:03`. */
export function formatSpan(ms: number, language: Language): string {
  const [inDays, inSeconds] = language === 'en' ? ['d', 's'] : ['天', '秒'];
  const tenths = Math.round(Math.abs(ms) / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} ${inSeconds}`;
  const days = Math.floor(tenths / tenthsOfADay);
  const clock = formatHours((tenths % tenthsOfADay) * 100);
  return days > 0 ? `${days.toLocaleString('en-US')} ${inDays} ${clock}` : clock;
}

/** A clock's deviation with its sign: `+12.4 s`, `−3 d 0:01:03`. */
export function formatOffset(ms: number, language: Language): string {
  const sign = Math.abs(ms) < 50 ? '±' : ms > 0 ? '+' : '−';
  return `${sign}${formatSpan(ms, language)}`;
}
