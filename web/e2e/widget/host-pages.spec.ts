import { Agent, until } from '../lib/agent.ts';
import { HostSite } from '../lib/host-pages.ts';
import { Panel } from '../lib/panel.ts';
import type { ClearlineServer } from '../lib/server.ts';
import { expect, keepScreenshot, test as base } from '../lib/test.ts';

const test = base.extend<{ site: HostSite }>({
  site: async ({ server }, use) => {
    const site = new HostSite(server.origin);
    await site.start();
    await use(site);
    await site.stop();
  },
});

/** The server takes it up a moment later. */
async function allow(server: ClearlineServer, site: HostSite): Promise<void> {
  await server.admin('sites', 'set-origins', 'demo', '--origin', 'self', '--origin', site.origin);
  const ask = () => fetch(`${server.origin}/api/v1/widget?site=demo`, { headers: { origin: site.origin } });
  await until(async () => (await ask()).ok, 'the origin is allowed');
}

// The refusal itself, which the browser logs before the page can look at it.
// eslint-disable-next-line no-empty-pattern -- Playwright's way to say that no other fixture is wanted.
test.use({ expectedErrors: async ({}, use) => use([/status of 40[34]/, /favicon/]) });

for (const { page: name, why } of [
  { page: 'plain', why: 'the site does not list this origin' },
  { page: 'unknown', why: 'there is no such site' },
]) {
  test(`a page that may not have the chat gets no launcher, and one line why: ${name}`, async ({
    server,
    site,
    page,
  }) => {
    expect(server.origin).not.toBe(site.origin);
    const warnings: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text());
    });
    await page.goto(`${site.origin}/${name}`);
    await expect.poll(() => warnings).toHaveLength(1);
    expect(warnings[0]).toContain(why);
    expect(warnings[0]).toContain(site.origin);
    await expect(new Panel(page).launcher).toHaveCount(0);
  });
}

for (const name of ['plain', 'twice', 'policy', 'windows-1252', 'base', 'hostile', 'polluted', 'exchanged']) {
  test(`the chat works on a page that is ${name}`, async ({ server, site, page }) => {
    await allow(server, site);
    const violations: string[] = [];
    await page.exposeFunction('sawViolation', (text: string) => violations.push(text));
    await page.addInitScript(() => {
      const { sawViolation } = window as unknown as { sawViolation: (text: string) => void };
      addEventListener('securitypolicyviolation', (event) =>
        sawViolation(`${event.violatedDirective}: ${event.blockedURI}`),
      );
    });
    await page.goto(`${site.origin}/${name}`);
    const panel = new Panel(page);
    await expect(panel.launcher).toHaveCount(1);
    await expect(panel.launcher).toBeVisible();
    if (name === 'exchanged') await page.evaluate(() => dispatchEvent(new Event('exchange')));
    await panel.open();
    await panel.write('Hello from elsewhere');
    const agent = await Agent.signIn(server);
    const conversation = await agent.conversation('Hello from elsewhere');
    conversation.send('Welcome');
    await panel.expectTexts(['Hello from elsewhere', 'Welcome']);
    await until(() => conversation.view.marks.visitor.seen === 2, 'the visitor has seen it');
    await keepScreenshot(page, `widget-host-${name}`);
    expect(violations).toEqual([]);

    if (name === 'windows-1252') await expect(panel.composer).toHaveAttribute('placeholder', 'اكتب رسالة');
    const box = await panel.launcher.boundingBox();
    expect(box).toMatchObject({ width: 56, height: 56 });
    // In the corner of the window, whatever the page does to its body.
    expect(Math.round(box!.y + box!.height)).toBe(780);
    if (name === 'hostile') {
      expect(Math.round(box!.x)).toBe(20);
      await expect(panel.launcher).toHaveCSS('background-color', 'rgb(255, 208, 0)');
      await expect(panel.launcher).toHaveCSS('color', 'rgb(0, 0, 0)');
    }
    agent.leave();
  });
}
