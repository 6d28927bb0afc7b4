/** `fengcun-verify FILE RECEIPT [--keys KEYS] [--json] [--lang zh|en]`: the only part of this package that touches files. */
import { languageOf, parseCommand, USAGE } from './cli/arguments.ts';
import { progressLine } from './cli/progress.ts';
import { readContent, readKeys, readReceipt } from './cli/read-inputs.ts';
import { renderReport } from './cli/table.ts';
import { VerifierError } from './errors.ts';
import { parseReceipt } from './receipt/receipt.ts';
import { printable } from './report/printable.ts';
import type { Verdict } from './report/report.ts';
import { verifyReceipt } from './verify/verify-receipt.ts';

const EXIT_CODES: Readonly<Record<Verdict, number>> = { holds: 0, fails: 1, incomplete: 3 };
const EXIT_UNUSABLE = 2;

/** Runs the command and resolves with its exit code: 0 holds, 1 fails, 2 usage or unreadable input, 3 incomplete. */
export async function run(argv: readonly string[]): Promise<number> {
  const { stdout, stderr, env } = process;
  // A reader that closes its end early (`| head`) is no failure of the verification.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const language = languageOf(argv, env);
  try {
    const command = parseCommand(argv);
    if (command.kind === 'help') {
      stdout.write(`${USAGE[language]}\n`);
      return 0;
    }
    const keys = await readKeys(command.keys);
    const receipt = await readReceipt(command.receipt);
    const content = isReadable(receipt) ? await digestWithProgress(command.file) : undefined;
    const report = verifyReceipt({ receipt, keys, ...(content ? { content } : {}) });
    if (command.json) {
      stdout.write(
        `${JSON.stringify({ file: command.file, receipt: command.receipt, bytesRead: content?.size ?? 0, ...report }, null, 2)}\n`,
      );
    } else {
      const colour = stdout.isTTY && !env.NO_COLOR;
      const columns = stdout.isTTY ? stdout.columns : null;
      stdout.write(renderReport(report, command.file, command.receipt, { language, colour, columns }));
    }
    return EXIT_CODES[report.verdict];
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    if (argv.includes('--json'))
      stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.text } }, null, 2)}\n`);
    stderr.write(`fengcun-verify: ${printable(error.text[language], 2000)}\n`);
    if (error.code === 'usage') stderr.write(`\n${USAGE[language]}\n`);
    return EXIT_UNUSABLE;
  }

  async function digestWithProgress(file: string) {
    const progress = progressLine(stderr, language);
    try {
      return await readContent(file, progress.update);
    } finally {
      progress.clear();
    }
  }
}

/** Whether there is a point in reading a file of perhaps 50 GB. What is not even JSON was never a receipt, and ends the command. */
function isReadable(receipt: Uint8Array): boolean {
  try {
    parseReceipt(receipt);
    return true;
  } catch (error) {
    if (error instanceof VerifierError && error.code === 'receipt_malformed') return false;
    throw error;
  }
}
