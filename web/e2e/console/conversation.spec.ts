import { expect, openConsole, test } from '../lib/test.ts';

const stars = 'https://example.com/?q=<script>alert(1)</script>&amp; "quoted" \u202eback\u202c 👩‍👩‍👧 مرحبا';

test('a visitor writes, the agent reads and answers, and both see how far each message has come', async ({
  page,
  server,
  newVisitor,
}) => {
  await openConsole(page, server);
  await expect(page.getByText('No open conversations')).toBeVisible();
  await expect(
    page.getByText(`<script src="${server.origin}/widget.js" data-site="demo" async></script>`),
  ).toBeVisible();

  const visitor = await newVisitor();
  await visitor.send('Is the red one in stock?');
  const row = page.getByRole('link', { name: visitor.label });
  await expect(row).toContainText('Is the red one in stock?');
  await expect(row).toContainText('1 unread message');
  await expect(row).toContainText('Online');
  await expect(page).toHaveTitle('(1) Clearline');
  await expect(page.locator('#favicon')).toHaveAttribute('href', /favicon-unread\.svg$/);

  await row.click();
  const log = page.getByRole('log');
  await expect(log.getByText('Is the red one in stock?')).toBeVisible();
  await visitor.until(({ marks }) => marks.agent.seen === 1);
  await expect(row).not.toContainText('unread');
  await expect(page).toHaveTitle('Clearline');
  await expect(page.locator('#favicon')).toHaveAttribute('href', /favicon\.svg$/);

  const reply = page.getByLabel(`Reply to ${visitor.label}`);
  await expect(reply).toBeFocused();
  await reply.fill('It is!');
  await reply.press('Enter');
  await expect(reply).toHaveValue('');
  const answer = log.locator('[data-message]', { hasText: 'It is!' });
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts).toEqual(['Is the red one in stock?', 'It is!']);
  await expect(answer).toHaveAttribute('data-progress', 'delivered');
  await expect(answer).toContainText('Delivered');
  visitor.client.own.markSeen();
  await expect(answer).toHaveAttribute('data-progress', 'seen');
  await expect(answer).toContainText('Seen');
  await expect(row).toContainText('Answer: It is!');
  await expect(row).not.toContainText('Waiting');
});

test('each side sees the other one typing', async ({ page, server, newVisitor }) => {
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server);
  const row = page.getByRole('link', { name: visitor.label });
  // Signals reach only those who watch already.
  await visitor.until(({ marks }) => marks.agent.delivered === 1);

  visitor.client.own.setTyping(true);
  await expect(row).toContainText('typing…');
  await row.click();
  visitor.client.own.setTyping(false);
  visitor.client.own.setTyping(true);
  await expect(page.getByText(`${visitor.label} is typing…`)).toBeVisible();
  visitor.client.own.setTyping(false);
  await expect(page.getByText(`${visitor.label} is typing…`)).toBeHidden();

  await page.getByLabel('Reply to').pressSequentially('Good');
  await visitor.until(({ typing }) => typing.some(({ role }) => role === 'agent'));
  await page.getByLabel('Reply to').fill('');
  await visitor.until(({ typing }) => typing.length === 0);
});

test('a conversation is closed, read among the closed ones, and reopened by the next message', async ({
  page,
  server,
  newVisitor,
}) => {
  const visitor = await newVisitor();
  await visitor.send('That is all, thank you');
  await openConsole(page, server);
  await page.getByRole('link', { name: visitor.label }).click();
  await page.getByRole('button', { name: 'Close conversation' }).click();
  await expect(page.getByText('You closed the conversation')).toBeVisible();
  await expect(page.getByText('This conversation is closed. A reply reopens it.')).toBeVisible();
  await expect(page.getByText('No open conversations')).toBeVisible();
  await visitor.until(({ state }) => state?.status === 'closed');

  await page.getByRole('link', { name: 'Closed' }).click();
  await expect(page.getByRole('link', { name: visitor.label })).toBeVisible();
  await visitor.send('One more thing');
  await expect(page.getByText('Nothing closed yet')).toBeVisible();
  await page.getByRole('link', { name: /^Open/ }).click();
  await page.getByRole('link', { name: visitor.label }).click();
  await expect(page.getByText(`${visitor.label} reopened the conversation`)).toBeVisible();
  await expect(page.getByRole('log').getByText('One more thing')).toBeVisible();
});

test('text is text, whatever it looks like, and each direction of writing has its own', async ({
  page,
  server,
  newVisitor,
}) => {
  const visitor = await newVisitor();
  await visitor.send(stars, 'مرحبا، هل المتجر مفتوح؟');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const bubbles = page.locator('.bubble');
  expect(await bubbles.nth(0).textContent()).toBe(stars);
  expect(await bubbles.nth(1).evaluate((bubble) => getComputedStyle(bubble).direction)).toBe('rtl');
  await page.getByLabel('Reply to').fill(`  ${stars}\n`);
  await page.getByRole('button', { name: 'Send' }).click();
  await visitor.until(({ events }) => events.length === 3);
  expect(visitor.texts[2]).toBe(`  ${stars}\n`);
});

test('a draft survives a reload, one per conversation, and Shift+Enter starts a line', async ({
  page,
  server,
  newVisitor,
}) => {
  const [one, other] = [await newVisitor(), await newVisitor()];
  await one.send('first');
  await other.send('second');
  await openConsole(page, server, `#/demo/open/${one.conv}`);
  await page.getByLabel(`Reply to ${one.label}`).pressSequentially('line one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('line two');
  await page.getByRole('link', { name: other.label }).click();
  await expect(page.getByLabel(`Reply to ${other.label}`)).toHaveValue('');
  await page.goto(`/console/#/demo/open/${one.conv}`);
  await page.reload();
  await expect(page.getByLabel(`Reply to ${one.label}`)).toHaveValue('line one\nline two');
  await page.keyboard.press('Enter');
  await one.until(({ events }) => events.length === 2);
  expect(one.texts[1]).toBe('line one\nline two');
});

test('a message that the server refuses says why, and can be deleted', async ({ page, server, newVisitor }) => {
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const reply = page.getByLabel('Reply to');
  // As a page script or a broken input method would put it there: the browser's own typing cannot.
  await reply.evaluate((field: HTMLTextAreaElement) => {
    field.value = 'half a pair: \ud83d';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await reply.press('Enter');
  const failed = page.locator('[data-progress=failed]');
  await expect(failed).toContainText('This reply contains a broken character and was not sent.');
  await expect(failed.getByRole('button', { name: 'Retry' })).toBeVisible();
  await reply.fill('whole again');
  await reply.press('Enter');
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts[1]).toBe('whole again');
  await failed.getByRole('button', { name: 'Delete' }).click();
  await expect(failed).toBeHidden();
});

test('a text that is too long is told so before it is sent', async ({ page, server, newVisitor }) => {
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const reply = page.getByLabel('Reply to');
  await reply.fill('界'.repeat(5462));
  await expect(page.getByText('2 bytes too long')).toBeVisible();
  await reply.press('Enter');
  await expect(reply).not.toHaveValue('');
  await reply.fill('界'.repeat(5461));
  await reply.press('Enter');
  await visitor.until(({ events }) => events.length === 2);
  expect(visitor.texts[1]).toHaveLength(5461);
});

test('a long log is loaded as one scrolls up, stands still meanwhile, and counts what arrives below', async ({
  page,
  server,
  newVisitor,
}) => {
  const visitor = await newVisitor();
  await visitor.send(...Array.from({ length: 90 }, (_, index) => `message ${index + 1}`));
  await openConsole(page, server, `#/demo/open/${visitor.conv}`);
  const log = page.getByRole('log');
  await expect(log.getByText('message 90', { exact: true })).toBeInViewport();
  await expect(page.locator('[data-message]')).toHaveCount(50);

  const scrollTo = (top: number | null): Promise<{ text: string | null; offset: number }> =>
    log.evaluate((element, wanted) => {
      if (wanted !== null) element.scrollTop = wanted;
      const edge = element.getBoundingClientRect().top;
      const messages = [...element.querySelectorAll('[data-message]')];
      const first = messages.find((message) => message.getBoundingClientRect().bottom > edge);
      if (first === undefined) throw new Error('no message is in sight');
      return { text: first.textContent, offset: Math.round(first.getBoundingClientRect().top - edge) };
    }, top);
  const before = await scrollTo(300);
  await expect(page.locator('[data-message]')).toHaveCount(90);
  // Forty messages were put in above, and nothing moved.
  expect(await scrollTo(null)).toEqual(before);

  await visitor.send('one below', 'two below');
  await expect(page.getByRole('button', { name: '2 new messages' })).toBeVisible();
  await page.getByRole('button', { name: '2 new messages' }).click();
  await expect(log.getByText('two below')).toBeInViewport();
  await expect(page.getByRole('button', { name: /new message/ })).toBeHidden();

  await expect(async () => {
    await log.evaluate((element) => (element.scrollTop = 0));
    await expect(page.getByText('The conversation began here')).toBeVisible({ timeout: 300 });
  }).toPass();
  await expect(log.getByText('message 1', { exact: true })).toBeVisible();
});

test('a conversation that does not exist is told so', async ({ page, server }) => {
  await openConsole(page, server, '#/demo/open/c00000000000zz');
  await expect(page.getByText('This conversation does not exist, or not for you.')).toBeVisible();
});
