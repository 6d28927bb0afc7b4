import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { onTestFailed } from 'vitest';
import type { PersonName } from '../product/person.ts';
import type { Product } from '../product/product.ts';

const patience = 60_000;

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** what the page complained about in the console, and requests that were refused */
  readonly complaints: string[];
}

/** A browser of its own on one page of the product; nobody is signed in. */
async function open(browser: Browser, who: string): Promise<Visit & { readonly context: BrowserContext }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Which address failed is in the response, not in this message.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  const unanswered = new Set<string>();
  page.on('request', (request) => unanswered.add(told(request)));
  page.on('requestfinished', (request) => unanswered.delete(told(request)));
  page.on('requestfailed', (request) => {
    unanswered.delete(told(request));
    unanswered.add(`${told(request)}: ${request.failure()?.errorText}`);
  });
  let shown = '';
  onTestFailed(() => {
    const lines = [`${who} at ${page.url()}:`, ...complaints, 'Without an answer:', ...unanswered, 'Shown:', shown];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
  return {
    page,
    context,
    complaints,
    async [Symbol.asyncDispose]() {
      shown = await page.locator('body').ariaSnapshot({ timeout: 5000 }).catch(String);
      await context.close();
    },
  };
}

const told = (request: Request) => `${request.method()} ${new URL(request.url()).pathname}`;

/** Signs in by hand, on the page that was asked for: for people without a second factor. */
export async function visit(product: Product, browser: Browser, name: PersonName, path = '/'): Promise<Visit> {
  const opened = await open(browser, name);
  const { page, complaints } = opened;
  const account = product.demo.accounts.find(({ login }) => login === name);
  await page.goto(product.url + path);
  await page.getByLabel('账号').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(account?.password ?? '');
  complaints.length = 0;
  await page.getByRole('button', { name: /^登\s?录$/ }).click();
  await page.getByRole('navigation', { name: '主导航' }).waitFor();
  return opened;
}

/** Comes with the session of one of the run's people, whoever has to give a code to get one. */
export async function visitSignedIn(product: Product, browser: Browser, name: PersonName, path = '/'): Promise<Visit> {
  const opened = await open(browser, name);
  const { context, page } = opened;
  const { headers } = await product.person(name);
  const cookies = (headers.cookie ?? '').split('; ').map((pair) => {
    const [key = '', value = ''] = pair.split('=', 2);
    return { name: key, value, url: product.url };
  });
  await context.addCookies(cookies);
  await page.goto(product.url + path);
  await page.getByRole('navigation', { name: '主导航' }).waitFor();
  return opened;
}
