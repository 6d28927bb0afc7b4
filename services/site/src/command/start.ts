import { mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { connect, offerSetUp } from '@fengcun/catalog';
import { type DirectoryLock, LocalError, lockDirectory, prepareDirectory } from '@fengcun/local';
import { createLogger, type Logger, systemClock } from '@fengcun/runtime';
import { layoutOf, type SiteLayout } from '../data/layout.ts';
import { clearState, readState, writeState } from '../data/state.ts';
import { readDemo } from '../demo/facts.ts';
import { makeDemo, moveDemo } from '../demo/make-demo.ts';
import { wantsDemo } from '../demo/plan.ts';
import { outsideUrls } from '../supervision/address.ts';
import { type Programs, type Site, startSite } from '../supervision/site.ts';
import { columnsVariable, type StartMessage } from './detach.ts';
import type { StartCommand } from './options.ts';
import { readySummary } from './summary.ts';
import { bilingual, explain } from './words.ts';

/** Room for the databases and logs; the vault keeps a reserve of its own for recordings. */
const minFreeBytes = 512 * 1024 * 1024;

/**
 * Runs a site in this process until it is told to stop.
 *
 * @returns the exit code: 0 stopped as asked or running already, 1 could not start, 2 wrong usage
 */
export async function runStart(command: StartCommand, programs: Programs): Promise<number> {
  const layout = layoutOf(command.dataDir);
  const voice = openVoice();
  let lock: DirectoryLock;
  try {
    await prepareDirectory(layout.root, minFreeBytes);
    lock = await lockDirectory(layout.root);
  } catch (error) {
    if (error instanceof LocalError && error.code === 'already_running')
      return voice.done(await sayRunning(layout, voice));
    voice.complain(explain(error));
    return voice.done(1);
  }
  const logger = openLog(layout);
  const interrupt = new AbortController();
  const stopAsked = onStopSignal(interrupt, logger);
  try {
    await clearState(layout);
    return await run(command, programs, layout, voice, logger, interrupt.signal, stopAsked);
  } catch (error) {
    logger.error({ err: error }, 'could not start');
    voice.complain(explain(error));
    return voice.done(1);
  } finally {
    await lock.release();
  }
}

async function run(
  command: StartCommand,
  programs: Programs,
  layout: SiteLayout,
  voice: Voice,
  logger: Logger,
  interrupt: AbortSignal,
  stopAsked: Promise<void>,
): Promise<number> {
  const onStep = (chinese: string, english: string) => voice.say(`封存 · ${chinese} … ${english}\n`);
  const onOutcome = (chinese: string, english: string, details: readonly string[]) =>
    voice.say([bilingual(chinese, english), ...details.map((detail) => `         ${detail}\n`)].join(''));
  const { host, port, vault } = command;
  const site = await startSite({ layout, host, port, vault, programs, logger, onStep, onOutcome, interrupt });
  try {
    // A site without its demo is a site all the same; the next start tries again.
    await prepareDemo(command, layout, site, onStep, interrupt).catch((error: unknown) => {
      logger.error({ err: error }, 'the demo could not be completed');
      voice.complain(explain(error));
    });
    await writeState(layout, { pid: process.pid, url: site.url, readyAt: new Date().toISOString(), vault: site.vault });
    const demo = await readDemo(layout);
    const setUpCode = await setUpCodeOf(site);
    const outside = outsideUrls(site.host, site.port);
    const detached = command.detach;
    voice.say(
      readySummary(
        { url: site.url, outsideUrls: outside, dataDir: layout.root, vault: site.vault, detached, demo, setUpCode },
        voice.columns,
      ),
    );
    logger.info({ url: site.url }, 'ready');
    voice.done(0);
    await stopAsked;
    voice.say(bilingual('正在停止……', 'Stopping ...'));
  } finally {
    await clearState(layout);
    await site.stop();
    logger.info('stopped');
  }
  voice.say(bilingual('已停止。', 'Stopped.'));
  return 0;
}

async function prepareDemo(
  command: StartCommand,
  layout: SiteLayout,
  site: Site,
  onStep: (chinese: string, english: string) => void,
  interrupt: AbortSignal,
): Promise<void> {
  await moveDemo(layout, site);
  if (!(await wantsDemo(layout, command.demo, site.firstStart))) return;
  onStep('正在准备演示数据（经采集站客户端真实上传）', 'making demo data (a real offload through the dock agent)');
  await makeDemo(layout, site, interrupt);
}

/** The code for an empty site's first administrator; a new one at every start until there is one. */
async function setUpCodeOf(site: Site): Promise<string | undefined> {
  const owner = connect({ url: site.database.ownerUrl, name: 'fengcun-set-up', max: 1 });
  try {
    return await offerSetUp(owner, systemClock);
  } finally {
    await owner.destroy();
  }
}

async function sayRunning(layout: SiteLayout, voice: Voice): Promise<number> {
  const state = await readState(layout);
  if (state === undefined) {
    voice.complain(
      bilingual(
        `另一个进程正在启动或停止 ${layout.root}。请稍候再试。`,
        `Another process is just starting or stopping ${layout.root}. Try again in a moment.`,
      ),
    );
    return 1;
  }
  voice.say(
    bilingual(
      `已经在运行：${state.url}/（进程 ${state.pid}）`,
      `Already running: ${state.url}/ (process ${state.pid})`,
    ),
  );
  return 0;
}

/** Resolves at the first SIGTERM or SIGINT; the second ends the process at once (its servers follow by themselves). */
function onStopSignal(interrupt: AbortController, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      if (interrupt.signal.aborted) process.exit(1);
      logger.info({ signal }, 'asked to stop');
      interrupt.abort();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    // A terminal that is closed does not take the site with it half-way: it stops in order.
    process.on('SIGHUP', onSignal);
  });
}

function openLog({ log }: SiteLayout): Logger {
  mkdirSync(log, { recursive: true, mode: 0o700 });
  const file = openSync(join(log, 'site.log'), 'a', 0o600);
  // Few lines, and the last ones matter most: written before anything else happens.
  return createLogger({ name: 'site', destination: { write: (line) => void writeSync(file, line) } });
}

interface Voice {
  readonly columns: number;
  say(text: string): void;
  complain(text: string): void;
  /** The caller on the other side of a detached start may go; answers the code. */
  done(exitCode: number): number;
}

/** Speaks on the terminal, or through the process that started us in the background. */
function openVoice(): Voice {
  const columns = Number(process.env[columnsVariable] ?? process.stdout.columns ?? 80);
  if (process.env[columnsVariable] === undefined || process.send === undefined) {
    return {
      columns,
      say: (text) => void process.stdout.write(text),
      complain: (text) => void process.stderr.write(text),
      done: (exitCode) => exitCode,
    };
  }
  delete process.env[columnsVariable];
  const send = (message: StartMessage) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  return {
    columns,
    say: (text) => send({ kind: 'said', text, error: false }),
    complain: (text) => send({ kind: 'said', text, error: true }),
    done: (exitCode) => {
      send({ kind: 'done', exitCode });
      return exitCode;
    },
  };
}
