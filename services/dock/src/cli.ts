import { resolve } from 'node:path';
import { ApiError } from '@fengcun/contracts';
import { run as verify } from '@fengcun/verifier/cli';
import { Command, InvalidArgumentError } from 'commander';
import { openAgent } from './agent/agent.ts';
import { enrol } from './enrolment/enrol.ts';
import { DockError } from './errors.ts';
import { defaultHome, openHome } from './home/home.ts';
import { lockHome } from './home/lock.ts';
import { openJournal } from './journal/journal.ts';
import type { DeviceFacts } from './offload/announce.ts';
import { jsonProgress } from './progress/json-lines.ts';
import { plainProgress } from './progress/plain-lines.ts';
import type { Progress } from './progress/progress.ts';
import { terminalProgress } from './progress/terminal.ts';
import { languageOf, words } from './progress/words.ts';
import { watch } from './watch/watch.ts';

interface OffloadFlags {
  readonly device: string;
  readonly officer?: string;
  readonly deviceClock?: Date;
  readonly parallel: number;
  readonly patience: number;
  readonly sequence?: RegExp;
  readonly deleteAfterSeal: boolean;
  readonly json: boolean;
}

/** Runs one command line (without node and script). Answers the exit code: 0 all sealed, 1 not all, 2 usage, 3 unreachable. */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('fengcun-dock')
    .description('Hands recordings over to Fengcun (封存): sends them, resumes after any fault, keeps the receipts.')
    .option('--home <dir>', "the agent's own directory (FENGCUN_DOCK_HOME)", defaultHome())
    .showHelpAfterError('(run with --help to see what is possible)')
    .exitOverride();
  const home = () => openHome(resolve(program.opts<{ home: string }>().home));

  program
    .command('enroll')
    .alias('enrol')
    .description('Enrol this dock with the one-time code from the security administrator')
    .argument('<url>', 'address of the server')
    .argument('<code>', 'one-time code')
    .action(async (url: string, code: string) => {
      const enrolment = await enrol(await home(), url, code);
      process.stdout.write(`${wordsHere().enrolled(enrolment.dock.name, enrolment.url)}\n`);
    });

  withOffloadFlags(
    program.command('offload').description('Send everything in a folder and wait until it is sealed').argument('<dir>'),
  ).action(async (directory: string, flags: OffloadFlags) => {
    await withAgent(home, flags, async ({ agent }) => {
      const outcome = await agent.offload(resolve(directory), factsOf(flags));
      exitCode = outcome.quarantined + outcome.failed > 0 ? 1 : 0;
    });
  });

  withOffloadFlags(
    program.command('watch').description('Send whatever appears in a folder, until stopped').argument('<dir>'),
  ).action(async (directory: string, flags: OffloadFlags) => {
    await withAgent(home, flags, ({ agent, progress, signal }) =>
      watch(agent, resolve(directory), factsOf(flags), progress, signal),
    );
  });

  program
    .command('status')
    .description('Who this dock is, and what is not finished')
    .action(async () => {
      const dock = await home();
      const enrolment = await dock.enrolment();
      const unfinished = await openJournal(dock).open();
      process.stdout.write(`${enrolment.dock.name}  ${enrolment.url}\n`);
      for (const entry of unfinished)
        process.stdout.write(
          `${wordsHere().unfinished(entry.directory, entry.files.length, entry.request.dockClock)}\n`,
        );
      if (unfinished.length === 0) process.stdout.write(`${wordsHere().nothingUnfinished}\n`);
      if (unfinished.length > 0) exitCode = 1;
    });

  program
    .command('verify')
    .description('Check a file against its receipt, without the network')
    .argument('<file>')
    .argument('<receipt>')
    .option('--keys <file>', 'vkeys of the logs you trust (default: those of the enrolment)')
    .action(async (file: string, receipt: string, flags: { keys?: string }) => {
      exitCode = await verify([file, receipt, '--keys', flags.keys ?? (await home()).logKeysPath]);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

function withOffloadFlags(command: Command): Command {
  return command
    .requiredOption('--device <serial>', 'serial number of the device')
    .option('--officer <number>', 'officer number set on the device')
    .option('--device-clock <time>', "what the device's own clock says now (ISO 8601)", parseTime)
    .option('--sequence <regex>', 'finds the device’s running number in a file name: one capture group', parsePattern)
    .option('--parallel <n>', 'files sent at the same time', parseCount, 3)
    .option('--patience <seconds>', 'how long to wait for an unreachable server', parseCount, 600)
    .option(
      '--delete-after-seal',
      'delete a file once its receipt holds and the file still has the sealed digest',
      false,
    )
    .option('--json', 'report progress as JSON lines', false);
}

interface Running {
  readonly agent: Awaited<ReturnType<typeof openAgent>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function withAgent(
  home: () => ReturnType<typeof openHome>,
  flags: OffloadFlags,
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const dock = await home();
  await using _lock = await lockHome(dock.directory);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () =>
      stop.abort(
        new DockError('not_sealed', {
          zh: '已停止；再次运行同一命令即可续传。',
          en: 'Stopped; run the same command again to resume.',
        }),
      ),
    );
  const progress = progressFor(flags.json);
  const agent = await openAgent({
    home: dock,
    progress,
    signal: stop.signal,
    parallel: flags.parallel,
    patienceMs: flags.patience * 1000,
    deleteAfterSeal: flags.deleteAfterSeal,
    sequencePattern: flags.sequence,
  });
  try {
    await work({ agent, progress, signal: stop.signal });
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    agent.close();
    progress.close();
  }
}

function progressFor(json: boolean): Progress {
  if (json) return jsonProgress(process.stdout);
  return process.stderr.isTTY
    ? terminalProgress(process.stderr, wordsHere())
    : plainProgress((text) => process.stdout.write(`${text}\n`), wordsHere());
}

const wordsHere = () => words[languageOf(process.env)];

const factsOf = (flags: OffloadFlags): DeviceFacts => ({
  serial: flags.device,
  officer: flags.officer,
  clock: flags.deviceClock,
});

function explain(error: unknown): number {
  if (error instanceof DockError) {
    process.stderr.write(`${error.text[wordsHere().language]}\n`);
    return error.exitCode;
  }
  if (error instanceof ApiError) {
    process.stderr.write(`${error.problem.detail}\n`);
    return error.problem.status === 0 ? 3 : 1;
  }
  if (typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : 2;
  }
  throw error;
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('a time such as 2026-03-01T08:30:00+08:00');
  return time;
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch {
    throw new InvalidArgumentError('a regular expression with one group, such as _(\\d+)\\.');
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1 || count > 86_400)
    throw new InvalidArgumentError('a whole number from 1');
  return count;
}
