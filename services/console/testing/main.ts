import { builtConsole } from './built-console.ts';
import { makeClip } from './clip.ts';
import { startFakeSite } from './fake-site.ts';

// A console to look at without a back end: `pnpm fake`, or `pnpm dev` beside it (Vite passes /api on to port 8080).
const site = await startFakeSite({
  consoleDir: await builtConsole(),
  clip: makeClip,
  port: Number(process.env.PORT ?? 8080),
});
process.stdout.write(`${site.url}  (chenjing, zhoumin or anquan; password "password")\n`);
