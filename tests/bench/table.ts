/** One measured thing: what, how much, and against what. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  /** e.g. `1.18x of one-core SM3` */
  readonly compared?: string;
  /** what is aimed at, and whether it was reached in this run */
  readonly aim?: { readonly text: string; readonly reached: boolean };
}

/** Prints a section as aligned columns. */
export function printSection(title: string, lines: readonly Line[]): void {
  const rows = lines.map(({ what, measured, compared = '', aim }) => [
    what,
    measured,
    compared,
    aim ? `${aim.reached ? 'reached' : 'MISSED '}  ${aim.text}` : '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  process.stdout.write(`\n${title}\n`);
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`  ${cells.join('   ').trimEnd()}\n`);
  }
}

export const rate = (bytes: number, inSeconds: number) => `${Math.round(bytes / 2 ** 20 / inSeconds)} MiB/s`;
export const times = (factor: number) => `${factor.toFixed(2)}x`;
