// What every test starts from: a server of its own, visitors that are gone afterwards, and pages that must not complain.
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { ClearlineServer } from './server.ts';
import { Visitor } from './visitor.ts';

export { expect, type Page } from '@playwright/test';
export { type Visitor } from './visitor.ts';

interface Fixtures {
  server: ClearlineServer;
  newVisitor: (site?: string) => Promise<Visitor>;
  /** A page in a browser context of its own: another person on another device. */
  newPerson: (options?: Parameters<Browser['newContext']>[0]) => Promise<Page>;
  /** Errors that pages may log in this test; anything else that they log fails it. */
  expectedErrors: RegExp[];
}

// Playwright reads from the first parameter which other fixtures are wanted: an empty pattern is "none".
/* eslint-disable no-empty-pattern */

function watch(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
  });
}

export const test = base.extend<Fixtures>({
  // An answer of 401 is how a page learns that nobody is signed in; the browser logs it all the same.
  expectedErrors: async ({}, use) => use([/401 \(Unauthorized\)/]),

  server: async ({}, use, info) => {
    const server = new ClearlineServer();
    await server.start();
    await use(server);
    await server.remove();
    if (info.status !== info.expectedStatus) await info.attach('server output', { body: server.output });
  },

  newVisitor: async ({ server }, use) => {
    const visitors: Visitor[] = [];
    await use(async (site) => {
      const visitor = await Visitor.open(server.origin, site);
      visitors.push(visitor);
      return visitor;
    });
    for (const visitor of visitors) visitor.leave();
  },

  // Every page can be opened by its path; and the server outlives the pages, as they need it for this.
  baseURL: async ({ server }, use) => use(server.origin),

  page: async ({ page, expectedErrors }, use) => {
    const complaints: string[] = [];
    watch(page, complaints);
    await use(page);
    expect(complaints.filter((text) => !expectedErrors.some((expected) => expected.test(text)))).toEqual([]);
  },

  newPerson: async ({ browser, baseURL, expectedErrors }, use) => {
    const complaints: string[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({
        baseURL,
        viewport: { width: 1280, height: 800 },
        locale: 'en-US',
        ...options,
      });
      contexts.push(context);
      const page = await context.newPage();
      watch(page, complaints);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(complaints.filter((text) => !expectedErrors.some((expected) => expected.test(text)))).toEqual([]);
  },
});

export interface Credentials {
  name: string;
  password: string;
}

/** Signs in without the form and opens the console; as the first agent unless told otherwise. */
export async function openConsole(
  page: Page,
  server: ClearlineServer,
  hash = '',
  { name, password }: Credentials = { name: server.agent, password: server.password },
): Promise<void> {
  // A new agent is known to a running server within seconds.
  await expect(async () => {
    const answer = await page.request.post('/api/v1/sign-in', { data: { name, password } });
    expect(answer.status()).toBe(200);
  }).toPass();
  await page.goto(`/console/${hash}`);
  await expect(page.getByRole('navigation', { name: /Main|主导航|التنقل/ })).toBeVisible();
}

/** No fault of WCAG 2.2 A or AA, nor of axe's best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
  }));
  expect(found).toEqual([]);
}

const screenshots = fileURLToPath(new URL('../../../artifacts/e2e/screenshots', import.meta.url));

/** Kept for people to look at. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}/${name}.png`, animations: 'disabled' });
}
