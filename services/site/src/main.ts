import { fileURLToPath } from 'node:url';
import { runSite } from './command/run.ts';

process.exitCode = await runSite(process.argv.slice(2), {
  web: fileURLToPath(new URL('./web/main.ts', import.meta.url)),
  worker: fileURLToPath(new URL('./worker/main.ts', import.meta.url)),
});
