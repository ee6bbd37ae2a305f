import { expect, openConsole, test } from '../lib/test.ts';

/** What a browser logs by itself while there is no server. */
const noServer = [/ERR_CONNECTION_REFUSED/, /WebSocket connection to .* failed/, /503/];

test('a restart is called one, what is written meanwhile arrives once, and the story can be read afterwards', async ({
  page,
  server,
  newVisitor,
  expectedErrors,
}) => {
  expectedErrors.push(...noServer);
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const line = page.getByRole('navigation').getByRole('status');
  await expect(line).toHaveText('Connected');
  await expect(page.getByRole('log').getByText('Hello')).toBeVisible();

  await server.stop('SIGTERM');
  await expect(line).toHaveText('Server restarting…');
  const reply = page.getByLabel('Reply to');
  await reply.fill('written while the server was away');
  await reply.press('Enter');
  const message = page.locator('[data-message]', { hasText: 'written while' });
  await expect(message).toHaveAttribute('data-progress', 'sending');

  await server.start();
  await expect(line).toHaveText('Connected', { timeout: 30_000 });
  await expect(message).toHaveAttribute('data-progress', /^(sent|delivered)$/);
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts).toEqual(['Hello', 'written while the server was away']);

  await line.click();
  const story = page.getByRole('dialog', { name: 'Connection details' });
  await expect(story).toContainText('1012 Service Restart');
  await expect(story).toContainText('drain');
  await expect(story).toContainText(/Connection id\s*k\w+/);
});

test('a line that is down for longer than a moment is told with words and a button', async ({
  page,
  server,
  newVisitor,
  expectedErrors,
}) => {
  expectedErrors.push(...noServer);
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const line = page.getByRole('navigation').getByRole('status');
  await expect(line).toHaveText('Connected');

  await server.stop('SIGKILL');
  await expect(line).toHaveText('Reconnecting…');
  const bar = page.getByText('Reconnecting… Unsent replies are kept and will be sent.');
  await expect(bar).toBeHidden();
  await expect(bar).toBeVisible();
  await page.getByLabel('Reply to').fill('kept');
  await page.keyboard.press('Enter');

  await server.start();
  await page.getByRole('button', { name: 'Retry now' }).click();
  await expect(line).toHaveText('Connected', { timeout: 30_000 });
  await expect(bar).toBeHidden();
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts).toEqual(['Hello', 'kept']);
});

test('an unsent reply outlives the page', async ({ page, server, newVisitor, expectedErrors }) => {
  expectedErrors.push(...noServer);
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  await expect(page.getByRole('log').getByText('Hello')).toBeVisible();
  await server.stop('SIGKILL');
  await page.getByLabel('Reply to').fill('not lost');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-progress=sending]')).toBeVisible();
  await page.goto('about:blank');
  await server.start();
  await page.goto(`/console/#/demo/open/${visitor.conv}`);
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts).toEqual(['Hello', 'not lost']);
});

test('a console that is opened before its server waits for it', async ({ page, server, expectedErrors }) => {
  expectedErrors.push(...noServer);
  await openConsole(page, server);
  await page.route('**/api/v1/session', (route) => route.abort());
  expectedErrors.push(/ERR_FAILED/);
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached.');
  await page.unroute('**/api/v1/session');
  await expect(page.getByText('Connected')).toBeVisible();
});
