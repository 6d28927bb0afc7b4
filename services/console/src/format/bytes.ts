const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people: three significant digits, binary units, as file managers of recorders show them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** The exact number, grouped, for titles and for court. */
export function exactBytes(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} B`;
}

/** Whole percent of `part` in `whole`, never 100 before all of it is there. An empty file is complete. */
export function percentOf(part: number, whole: number): number {
  if (whole <= 0) return 100;
  return part >= whole ? 100 : Math.floor((part / whole) * 100);
}
