/** What is burnt into a copy, in the site's own language and time: whose it is, for whom, when, and where on record it stands. */
export function markLines(mark: {
  readonly viewer: string;
  readonly recipient: string | null;
  readonly at: Date;
  readonly timeZone: string;
  /** number of the committed event */
  readonly event: number;
  readonly evidence: string;
}): string[] {
  const { viewer, recipient, at, timeZone, event, evidence } = mark;
  return [
    viewer,
    ...(recipient === null ? [] : [`提供给 ${recipient}`]),
    localTime(at, timeZone),
    `事件 ${event} · ${shortId(evidence)}`,
  ];
}

/** The end of an item's id: its beginning is the time, which it shares with others of the same minute. */
export const shortId = (evidence: string): string => evidence.slice(-12);

/** `2026-11-22 22:50:04 +08:00`. */
function localTime(at: Date, timeZone: string): string {
  const text = at.toLocaleString('sv-SE', { timeZone, hourCycle: 'h23', timeZoneName: 'longOffset' });
  const [, local = text, offset = ''] = /^(\S+ \S+) GMT(\S*)$/.exec(text) ?? [];
  return `${local} ${offset === '' ? '+00:00' : offset.replace('−', '-')}`;
}
