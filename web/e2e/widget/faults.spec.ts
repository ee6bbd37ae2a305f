import { Agent, textsOf, until } from '../lib/agent.ts';
import { Panel } from '../lib/panel.ts';
import { expect, keepScreenshot, test } from '../lib/test.ts';

// What a browser logs when a server is away, whatever the page does about it.
const serverIsAway = [/WebSocket connection to/, /ERR_CONNECTION_REFUSED/, /Failed to load resource/];
// eslint-disable-next-line no-empty-pattern -- Playwright's way to say that no other fixture is wanted.
test.use({ expectedErrors: async ({}, use) => use(serverIsAway) });

test('a server that is killed while people write loses nothing', async ({ server, page }) => {
  test.slow();
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('message 1');
  const agent = await Agent.signIn(server);
  const conversation = await agent.conversation('message 1');
  const written = ['message 1'];
  for (let round = 0; round < 3; ++round) {
    // Some are stored, some are under way, some are written while nobody listens.
    for (let n = 0; n < 6; ++n) {
      const text = `message ${written.length + 1}`;
      written.push(text);
      await panel.write(text);
      if (n === 2) await server.stop('SIGKILL');
    }
    await panel.composer.fill('half a thought');
    await server.start();
    await until(() => textsOf(conversation).length === written.length, `round ${round}: all have arrived`);
    expect(textsOf(conversation)).toEqual(written);
    await expect(panel.composer).toHaveValue('half a thought');
  }
  await panel.expectTexts(written);
  await expect(panel.dialog.locator('.status').last()).toHaveText('Delivered');
  agent.leave();
});

test('a short break is not worth a word, a long one is told', async ({ server, page }) => {
  test.slow();
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('Hello');
  await expect(panel.dialog.locator('.status')).toHaveText('Sent');
  const bars: string[] = [];
  await page.exposeFunction('sawBar', (text: string) => bars.push(text));
  await page.evaluate(() => {
    const root = document.querySelector('[data-clearline]')!.shadowRoot!;
    const place = root.querySelector('.bar-place')!;
    const { sawBar } = window as unknown as { sawBar: (text: string) => void };
    new MutationObserver(() => place.textContent && sawBar(place.textContent)).observe(place, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });

  await server.stop('SIGKILL');
  await server.start();
  await panel.write('after the short break');
  await expect(panel.dialog.locator('.status').last()).toHaveText('Sent');
  expect(bars).toEqual([]);

  await server.stop('SIGKILL');
  await expect(panel.bar).toContainText('Reconnecting', { timeout: 15_000 });
  await panel.write('written in the dark');
  await expect(panel.dialog.locator('.status').last()).toHaveText('Sending');
  await keepScreenshot(page, 'widget-reconnecting');
  await server.start();
  await expect(panel.bar).toHaveText('Back online', { timeout: 40_000 });
  await expect(panel.bar).toBeHidden();
  await expect(panel.dialog.locator('.status').last()).toHaveText('Sent');
});

test('a page that is loaded while the server is away keeps what is written, and sends it later', async ({
  page,
  server,
}) => {
  test.slow();
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('before');
  await expect(panel.dialog.locator('.status')).toHaveText('Sent');
  await server.stop('SIGKILL');
  await panel.write('unsent 1');
  await panel.write('unsent 2');
  await panel.composer.fill('draft');
  await page.close();
  await server.start();

  const again = await page.context().newPage();
  await again.goto(`${server.origin}/demo/`);
  const second = new Panel(again);
  await second.open();
  await second.expectTexts(['before', 'unsent 1', 'unsent 2']);
  await expect(second.dialog.locator('.status').last()).toHaveText('Sent');
  await expect(second.composer).toHaveValue('draft');
});

test('a drained server tells when to come back, and nobody is alarmed', async ({ server, page }) => {
  test.slow();
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('Hello');
  await expect(panel.dialog.locator('.status')).toHaveText('Sent');
  await server.stop('SIGTERM');
  await panel.write('while it is away');
  await server.start();
  await expect(panel.dialog.locator('.status').last()).toHaveText('Sent', { timeout: 30_000 });
  await panel.expectTexts(['Hello', 'while it is away']);
});
