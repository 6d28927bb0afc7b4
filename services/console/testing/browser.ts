import { type Browser, chromium, type Page } from 'playwright-core';

/** The system's Chromium; another one by FENGCUN_CHROMIUM. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.FENGCUN_CHROMIUM ?? '/usr/bin/chromium',
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

/** Gives login and password on whatever page is shown; what the fake site asks then depends on the password. */
export async function signInBy(page: Page, password: string, login = 'chenjing'): Promise<void> {
  await page.getByLabel(/账号|Login/).fill(login);
  await page.getByLabel(/^密码|^Password/).fill(password);
  await page.locator('form button[type=submit]').click();
}

/** Signs in on whatever page is shown. */
export async function signIn(page: Page, login = 'chenjing'): Promise<void> {
  await signInBy(page, 'password', login);
  await page.getByRole('navigation', { name: /主导航|Main navigation/ }).waitFor();
}
