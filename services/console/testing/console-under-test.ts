import type { Browser, BrowserContext, Page } from 'playwright-core';
import { sessionCookie } from './answer.ts';
import { launchBrowser } from './browser.ts';
import { builtConsole } from './built-console.ts';
import { makeClip } from './clip.ts';
import { type FakeSite, startFakeSite } from './fake-site.ts';

/** The built console in a real browser before a fake site of its own. */
export interface ConsoleUnderTest {
  readonly site: FakeSite;
  readonly page: Page;
  /** errors that a page must not have: uncaught exceptions and refusals by the content security policy */
  readonly faults: string[];
  /** is somebody else from the next page on */
  actAs(login: string): Promise<void>;
  close(): Promise<void>;
}

/** What a browser and a busy machine may take before something has not happened. */
export const patiently = { timeout: 20_000, interval: 50 } as const;

let shared: Promise<Browser> | undefined;

interface OpenOptions {
  readonly language?: 'zh-CN' | 'en';
  /** who is signed in already; nobody when left out */
  readonly as?: string;
}

/** Opens `path` in a browser that has never been here. One browser serves a whole test file; `closeBrowser` ends it. */
export async function openConsole(path = '/', options: OpenOptions = {}): Promise<ConsoleUnderTest> {
  const site = await startFakeSite({ consoleDir: await builtConsole(), clip: makeClip });
  const browser = await sharedBrowser();
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
  if (options.language) {
    await context.addInitScript((language) => localStorage.setItem('fengcun.language', language), options.language);
  }
  const actAs = (login: string) =>
    context.addCookies([{ name: sessionCookie, value: site.beginSession(login), url: site.url }]);
  if (options.as) await actAs(options.as);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  // "Leave the page although files are being sent?" Yes.
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(site.url + path);
  return {
    site,
    page,
    faults,
    actAs,
    close: async () => {
      await context.close();
      await site.close();
    },
  };
}

function sharedBrowser(): Promise<Browser> {
  shared ??= launchBrowser();
  return shared;
}

export async function closeBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}
