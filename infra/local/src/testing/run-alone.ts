import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Taken with `await using`, it ends also where the test fails. */
export interface LoneProgram extends AsyncDisposable {
  /** where it listens, e.g. `http://127.0.0.1:40123` */
  readonly url: string;
  /** Asks it to end, and answers its exit code; null when a signal ended it. */
  end(): Promise<number | null>;
}

/** Runs a service's `main.ts` with this environment and no other, and waits until its log says where it listens on the loopback. */
export async function runAlone(main: URL, environment: Readonly<Record<string, string>>): Promise<LoneProgram> {
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    const end = async () => {
      child.kill('SIGTERM');
      const [code] = await exited;
      return typeof code === 'number' ? code : null;
    };
    return { url, end, [Symbol.asyncDispose]: async () => void (await end()) };
  }
  throw new Error(`${fileURLToPath(main)} ended before it listened.`);
}
