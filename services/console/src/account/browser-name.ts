/** Order matters: everybody says that they are Safari, and most that they are Chrome. */
const browsers = [
  ['Edge', /\bEdg\/(\d+)/],
  ['Firefox', /\bFirefox\/(\d+)/],
  ['360', /\b360(?:SE|EE)\b/],
  ['Chrome', /\bChrome\/(\d+)/],
  ['Safari', /\bVersion\/(\d+).*Safari/],
] as const;
const systems = [
  ['Windows', /Windows/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['macOS', /Mac OS X/],
  ['Kylin', /Kylin/],
  ['UOS', /UOS/],
  ['Linux', /Linux/],
] as const;

/** A browser's own words, short enough to recognise it by: `Chrome 131 · Windows`. */
export function browserOf(userAgent: string): string {
  for (const [name, pattern] of browsers) {
    const match = pattern.exec(userAgent);
    if (!match) continue;
    const system = systems.find(([, sign]) => sign.test(userAgent))?.[0];
    return [match[1] ? `${name} ${match[1]}` : name, system].filter(Boolean).join(' · ');
  }
  return userAgent.slice(0, 60) || '—';
}
