import { prepareDirectory } from '@fengcun/local';
import { layoutOf } from '../data/layout.ts';
import { SiteError } from '../errors.ts';
import type { Programs } from '../supervision/site.ts';
import { columnsVariable, startDetached } from './detach.ts';
import { parseCommand, type StartCommand } from './options.ts';
import { runStart } from './start.ts';
import { stopSite } from './stop.ts';
import { bilingual, explain } from './words.ts';

/** Runs one command line (without node and script). Answers the exit code: 0 done, 1 could not, 2 not understood. */
export async function runSite(argv: readonly string[], programs: Programs): Promise<number> {
  try {
    const command = parseCommand(argv);
    return command.command === 'start' ? await start(command, argv, programs) : await stop(command.dataDir);
  } catch (error) {
    process.stderr.write(explain(error));
    return error instanceof SiteError && error.code === 'usage' ? 2 : 1;
  } finally {
    // The channel to the process that started us in the background would keep this one alive.
    if (process.connected) process.disconnect();
  }
}

async function start(command: StartCommand, argv: readonly string[], programs: Programs): Promise<number> {
  if (!command.detach || process.env[columnsVariable] !== undefined) return runStart(command, programs);
  const layout = layoutOf(command.dataDir);
  await prepareDirectory(layout.root, 0);
  return startDetached(layout, argv);
}

async function stop(dataDir: string): Promise<number> {
  const stopped = await stopSite(dataDir);
  process.stdout.write(
    stopped
      ? bilingual(`已停止（${dataDir}）。`, `Stopped (${dataDir}).`)
      : bilingual(`没有在运行（${dataDir}）。`, `Nothing is running on ${dataDir}.`),
  );
  return 0;
}
