import { Agent, textsOf, until } from '../lib/agent.ts';
import { Panel } from '../lib/panel.ts';
import { expect, keepScreenshot, test } from '../lib/test.ts';

test('nothing is connected before the click, and few requests make the panel', async ({ server, page }) => {
  const sockets: string[] = [];
  const requests: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await expect(panel.launcher).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(sockets).toEqual([]);
  page.on('request', (request) => requests.push(request.url()));
  await panel.open();
  await expect(panel.composer).toBeFocused();
  await expect(panel.dialog.locator('.presence')).toHaveText('Away. Leave us a message.');
  expect(sockets).toHaveLength(1);
  expect(requests.length + sockets.length).toBeLessThanOrEqual(3);
  await page.keyboard.press('Escape');
  await expect(panel.dialog).toBeHidden();
  await expect(panel.launcher).toBeFocused();
});

test('a visitor and an agent talk', async ({ server, page }) => {
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('Is the Harbour mug dishwasher safe?');
  await expect(panel.dialog.locator('.status')).toHaveText('Sent');

  const agent = await Agent.signIn(server);
  await expect(panel.dialog.locator('.presence')).toHaveText('Online now');
  const conversation = await agent.conversation('Is the Harbour mug dishwasher safe?');
  await expect(panel.dialog.locator('.status')).toHaveText('Delivered');
  conversation.markSeen();
  await expect(panel.dialog.locator('.status')).toHaveText('Seen');

  conversation.setTyping(true);
  await expect(panel.dialog.locator('.typing')).toContainText('is typing');
  conversation.send('Yes, all our stoneware is: https://example.com/care.');
  await expect(panel.dialog.locator('.typing')).toBeHidden();
  await panel.expectTexts([
    'Is the Harbour mug dishwasher safe?',
    'Yes, all our stoneware is: https://example.com/care.',
  ]);
  const link = panel.dialog.getByRole('link', { name: 'https://example.com/care' });
  await expect(link).toHaveAttribute('rel', 'noopener nofollow');
  await until(() => conversation.view.marks.visitor.seen === 2, 'the visitor has seen the answer');

  await panel.composer.pressSequentially('Thank');
  await until(() => conversation.view.typing.length === 1, 'the agent sees the visitor type');
  await panel.composer.press('Shift+Enter');
  await panel.composer.pressSequentially('you');
  await panel.composer.press('Enter');
  await until(() => textsOf(conversation).at(-1) === 'Thank\nyou', 'the agent reads the thanks');
  expect(conversation.view.typing).toEqual([]);
  await keepScreenshot(page, 'widget-talk');

  await agent.client.closeConversation(conversation.id!);
  await expect(panel.dialog.locator('.notice')).toHaveText('This chat was closed. Write again to reopen it.');
  await panel.write('One more thing');
  await until(() => textsOf(conversation).at(-1) === 'One more thing', 'the conversation is open again');
  agent.leave();
});

test('history and draft are there after a reload and in a second tab', async ({ server, page, context }) => {
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('one');
  await panel.write('two');
  await panel.composer.fill('not yet sent');
  await expect(panel.dialog.locator('.status').last()).toHaveText('Sent');

  await page.reload();
  await panel.expectTexts(['one', 'two']);
  await expect(panel.composer).toHaveValue('not yet sent');
  await expect(panel.composer).not.toBeFocused();

  const tab = await context.newPage();
  await tab.goto(`${server.origin}/demo/#/pot/vase`);
  const second = new Panel(tab);
  await second.open();
  await second.expectTexts(['one', 'two']);
  await second.composer.fill('');
  await second.write('from the second tab');
  await panel.expectTexts(['one', 'two', 'from the second tab']);
  await panel.write('from the first tab');
  await second.expectTexts(['one', 'two', 'from the second tab', 'from the first tab']);
});

test('the launcher counts what was not seen, also on the next page', async ({ server, page }) => {
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('Hello?');
  const agent = await Agent.signIn(server);
  const conversation = await agent.conversation('Hello?');
  await page.keyboard.press('Escape');
  conversation.send('Hi!');
  conversation.send('Are you there?');
  await expect(panel.launcher).toHaveAccessibleName('Open chat. Unread messages: 2');
  await expect(page).toHaveTitle('Fern & Clay');
  await page.goto(`${server.origin}/demo/?lang=en#/about`);
  await page.reload();
  await expect(panel.launcher).toHaveAccessibleName('Open chat. Unread messages: 2');
  await keepScreenshot(page, 'widget-unread');
  await panel.open();
  await expect(panel.launcher).toHaveAccessibleName('Close chat');
  await page.keyboard.press('Escape');
  await expect(panel.launcher).toHaveAccessibleName('Open chat');
  await until(() => conversation.view.marks.visitor.seen === 3, 'the agent sees that it was read');
  agent.leave();
});

test('earlier messages come page by page', async ({ server, page, newVisitor }) => {
  const other = await newVisitor();
  const texts = Array.from({ length: 58 }, (_, n) => `message ${n + 1}`);
  await other.send(...texts);
  const token = await tokenOf(other.client);
  await page.addInitScript(
    ([key, value]) => localStorage.setItem(key!, value!),
    [`clearline:${server.origin}:demo:token`, token],
  );
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.expectTexts(texts.slice(8));
  await panel.dialog.getByRole('button', { name: 'Earlier messages' }).click();
  await panel.expectTexts(texts);
  await expect(panel.dialog.getByRole('button', { name: 'Earlier messages' })).toBeHidden();
});

/** The visitor's identity, which the server gave in its first welcome. */
async function tokenOf(client: { welcome: { visitor?: { token?: string } | undefined } | null }): Promise<string> {
  const token = client.welcome?.visitor?.token;
  if (token === undefined) throw new Error('the visitor has no token');
  return Promise.resolve(token);
}

test('a text near the limit says so, and one above it stays in the composer', async ({ server, page }) => {
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.composer.fill('字'.repeat(5400));
  await expect(panel.dialog.locator('.limit')).toHaveText('Characters left: 61');
  await panel.composer.fill('字'.repeat(5463));
  await expect(panel.dialog.locator('.limit')).toHaveText('Too long. Remove characters: 2');
  await panel.composer.press('Enter');
  await expect(panel.composer).toHaveValue('字'.repeat(5463));
  await expect(panel.bubbles).toHaveCount(0);
  await panel.composer.fill('字'.repeat(5461));
  await panel.composer.press('Enter');
  await panel.expectTexts(['字'.repeat(5461)]);
  await expect(panel.dialog.locator('.status')).toHaveText('Sent');
});
