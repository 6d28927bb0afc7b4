import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** A real Chromium: the system's, or the one that `FENGCUN_CHROMIUM` names. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.FENGCUN_CHROMIUM ?? (await findChromium()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

async function findChromium(): Promise<string> {
  const directories = (process.env.PATH ?? '').split(delimiter);
  for (const program of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    for (const directory of directories) {
      const path = join(directory, program);
      const found = await access(path).then(
        () => true,
        () => false,
      );
      if (found) return path;
    }
  }
  throw new Error('No Chromium on the PATH. On Debian: apt-get install chromium; or name one with FENGCUN_CHROMIUM.');
}
