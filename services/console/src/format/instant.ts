/**
 * Instants in the site's time zone, wherever the reader's computer thinks it is: a time that is read out in court must be the time at
 * the bureau. The offset is part of the long form.
 */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, withOffset: boolean): Intl.DateTimeFormat {
  const key = `${timeZone}|${withOffset}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(withOffset ? { timeZoneName: 'longOffset' as const } : {}),
  });
  formats.set(key, made);
  return made;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'timeZoneName';

function partsOf(instant: Date, timeZone: string, withOffset: boolean): Record<Part, string> {
  const parts: Partial<Record<string, string>> = {};
  for (const { type, value } of formatOf(timeZone, withOffset).formatToParts(instant)) parts[type] = value;
  const part = (name: Part) => parts[name] ?? '';
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
    timeZoneName: part('timeZoneName'),
  };
}

/** `2026-11-22 19:44:02` */
export function formatInstant(iso: string, timeZone: string): string {
  const p = partsOf(new Date(iso), timeZone, false);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
}

/** `2026-11-22 19:44:02.120 +08:00 (Asia/Shanghai)` */
export function formatInstantExactly(iso: string, timeZone: string): string {
  const at = new Date(iso);
  const p = partsOf(at, timeZone, true);
  const offset = p.timeZoneName.replace('GMT', '') || '+00:00';
  const ms = String(at.getUTCMilliseconds()).padStart(3, '0');
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}.${ms} ${offset} (${timeZone})`;
}

/** What people call a time zone: `中国标准时间`. */
export const timeZoneName = (timeZone: string, language: string): string =>
  new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'long' })
    .formatToParts()
    .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;

/** The site's calendar day of an instant: `2026-11-22`. */
export function dayOf(instant: Date, timeZone: string): string {
  const p = partsOf(instant, timeZone, false);
  return `${p.year}-${p.month}-${p.day}`;
}

/** The instant at which a calendar day begins in the site's time zone. `day` is `YYYY-MM-DD`. */
export function startOfDay(day: string, timeZone: string): string {
  return instantOf(`${day} 00:00:00`, timeZone);
}

/** The instant at which the clock on the wall of the site shows `wall`: `YYYY-MM-DD HH:mm:ss`. */
export function instantOf(wall: string, timeZone: string): string {
  const asIfUtc = Date.parse(`${wall.replace(' ', 'T')}Z`);
  const first = asIfUtc - offsetAt(asIfUtc, timeZone);
  // Where the clock changes between the guess and the answer, the offset at the answer is the right one.
  return new Date(asIfUtc - offsetAt(first, timeZone)).toISOString();
}

/** The calendar day after `day`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function offsetAt(epochMs: number, timeZone: string): number {
  const p = partsOf(new Date(epochMs), timeZone, false);
  const wall = Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}Z`);
  return wall - Math.floor(epochMs / 1000) * 1000;
}
