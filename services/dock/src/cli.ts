import { resolve } from 'node:path';
import { ApiError } from '@fengcun/contracts';
import { run as verify } from '@fengcun/verifier/cli';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openAgent } from './agent/agent.ts';
import { type CommandWords, commandWords, complaintIn, describeOption, titleIn, usageIn } from './command-words.ts';
import { enrol } from './enrolment/enrol.ts';
import { DockError, type Text } from './errors.ts';
import { defaultHome, openHome } from './home/home.ts';
import { lockHome } from './home/lock.ts';
import { openJournal } from './journal/journal.ts';
import type { DeviceFacts } from './offload/announce.ts';
import { problemText } from './problem-text.ts';
import { jsonProgress } from './progress/json-lines.ts';
import { plainProgress } from './progress/plain-lines.ts';
import type { Progress } from './progress/progress.ts';
import { terminalProgress } from './progress/terminal.ts';
import { type Language, languageOf, type Words, words } from './progress/words.ts';
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
  const language = languageOf(argv, process.env);
  const say = commandWords[language];
  const told = words[language];
  const program = new Command('fengcun-dock')
    .description(say.about)
    .option('--home <dir>', say.home, defaultHome())
    .addOption(new Option('--language <zh|en>', say.language).argParser(parseLanguage(say)))
    .helpOption('-h, --help', say.help)
    .helpCommand('help [command]', say.helpCommand)
    .showHelpAfterError(say.afterError)
    .configureHelp({
      styleTitle: (title) => titleIn(language, title),
      styleUsage: (usage) => usageIn(language, usage),
      optionDescription: (option) => describeOption(language, option),
    })
    .configureOutput({ outputError: (text, write) => write(complaintIn(language, text)) })
    .addHelpText('after', `\n${say.exitCodes}`)
    .exitOverride();
  const home = () => openHome(resolve(program.opts<{ home: string }>().home));
  const command = (name: string, description: string) =>
    program.command(name).description(description).helpOption('-h, --help', say.help);

  command('enroll', say.enroll)
    .alias('enrol')
    .argument('<url>', say.url)
    .argument('<code>', say.code)
    .action(async (url: string, code: string) => {
      const enrolment = await enrol(await home(), url, code);
      process.stdout.write(`${told.enrolled(enrolment.dock.name, enrolment.url)}\n`);
    });

  withOffloadFlags(command('offload', say.offload).argument('<dir>', say.folder), say).action(
    async (directory: string, flags: OffloadFlags) => {
      await withAgent(home, flags, told, async ({ agent }) => {
        const outcome = await agent.offload(resolve(directory), factsOf(flags));
        exitCode = outcome.quarantined + outcome.failed > 0 ? 1 : 0;
      });
    },
  );

  withOffloadFlags(command('watch', say.watch).argument('<dir>', say.folder), say).action(
    async (directory: string, flags: OffloadFlags) => {
      await withAgent(home, flags, told, ({ agent, progress, signal }) =>
        watch(agent, resolve(directory), factsOf(flags), progress, signal),
      );
    },
  );

  command('status', say.status).action(async () => {
    const dock = await home();
    const enrolment = await dock.enrolment();
    const unfinished = await openJournal(dock).open();
    process.stdout.write(`${enrolment.dock.name}  ${enrolment.url}\n`);
    for (const entry of unfinished)
      process.stdout.write(`${told.unfinished(entry.directory, entry.files.length, entry.request.dockClock)}\n`);
    if (unfinished.length === 0) process.stdout.write(`${told.nothingUnfinished}\n`);
    if (unfinished.length > 0) exitCode = 1;
  });

  command('verify', say.verify)
    .argument('<file>', say.file)
    .argument('<receipt>', say.receipt)
    .option('--keys <file>', say.keys)
    .action(async (file: string, receipt: string, flags: { keys?: string }) => {
      const keys = flags.keys ?? (await home()).logKeysPath;
      exitCode = await verify([file, receipt, '--keys', keys, '--lang', language]);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, language);
  }
}

function withOffloadFlags(command: Command, say: CommandWords): Command {
  return command
    .requiredOption('--device <serial>', say.device)
    .option('--officer <number>', say.officer)
    .option('--device-clock <time>', say.deviceClock, parseTime(say))
    .option('--sequence <regex>', say.sequence, parsePattern(say))
    .option('--parallel <n>', say.parallel, parseCount(say), 3)
    .option('--patience <seconds>', say.patience, parseCount(say), 600)
    .option('--delete-after-seal', say.deleteAfterSeal, false)
    .option('--json', say.json, false);
}

interface Running {
  readonly agent: Awaited<ReturnType<typeof openAgent>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function withAgent(
  home: () => ReturnType<typeof openHome>,
  flags: OffloadFlags,
  told: Words,
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
  const progress = progressFor(flags.json, told);
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

function progressFor(json: boolean, told: Words): Progress {
  if (json) return jsonProgress(process.stdout);
  return process.stderr.isTTY
    ? terminalProgress(process.stderr, told)
    : plainProgress((text) => process.stdout.write(`${text}\n`), told);
}

const factsOf = (flags: OffloadFlags): DeviceFacts => ({
  serial: flags.device,
  officer: flags.officer,
  clock: flags.deviceClock,
});

function explain(error: unknown, language: Language): number {
  const tell = (text: Text) => process.stderr.write(`${text[language]}\n`);
  if (error instanceof DockError) {
    tell(error.text);
    return error.exitCode;
  }
  if (error instanceof ApiError) {
    tell(problemText(error.problem));
    return error.problem.status === 0 ? 3 : 1;
  }
  if (isOf('commander.', error)) return 'exitCode' in error && error.exitCode === 0 ? 0 : 2;
  if (isOf('E', error) && 'path' in error && typeof error.path === 'string') {
    const { code, path } = error;
    tell({
      zh: `无法读写 ${path}（${code}）。请检查权限和磁盘后再试。`,
      en: `Cannot read or write ${path} (${code}). Check permissions and the disk, then try again.`,
    });
    return 2;
  }
  throw error;
}

function isOf(prefix: string, error: unknown): error is { readonly code: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith(prefix)
  );
}

const parseLanguage = (say: CommandWords) => (text: string) => {
  if (text !== 'zh' && text !== 'en') throw new InvalidArgumentError(say.wantsLanguage);
  return text;
};

const parseTime = (say: CommandWords) => (text: string) => {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError(say.wantsTime);
  return time;
};

const parsePattern = (say: CommandWords) => (text: string) => {
  try {
    return new RegExp(text, 'u');
  } catch {
    throw new InvalidArgumentError(say.wantsPattern);
  }
};

const parseCount = (say: CommandWords) => (text: string) => {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1 || count > 86_400) throw new InvalidArgumentError(say.wantsCount);
  return count;
};
