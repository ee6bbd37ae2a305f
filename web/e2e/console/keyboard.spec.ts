import type { ClearlineServer } from '../lib/server.ts';
import { expect, test, type Page } from '../lib/test.ts';

async function signIn(page: Page, { agent, password }: ClearlineServer): Promise<void> {
  await page.goto('/console/');
  await expect(page.locator('input[name=username]')).toBeFocused();
  await page.keyboard.type(agent);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page.locator('a[data-conv]').first()).toBeVisible();
}

/** What has the focus, by its label or its text; empty for nothing. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return '';
    return element.getAttribute('aria-label') ?? element.textContent;
  });
}

for (const locale of ['en-US', 'ar'] as const) {
  test.describe(`with the keyboard alone, ${locale}`, () => {
    test.use({ locale });

    test('from signing in to closing a conversation', async ({ page, server, newVisitor }) => {
      const [first, second] = [await newVisitor(), await newVisitor()];
      await first.send('first question');
      await second.send('second question');

      await signIn(page, server);
      const rows = page.locator('a[data-conv]');
      await expect(rows).toHaveCount(2);

      // By shortcut: opens, and one may write at once.
      await page.keyboard.press('Alt+KeyJ');
      await expect(page.locator('#reply')).toBeFocused();
      await expect(rows.nth(0)).toHaveAttribute('aria-current', 'true');
      await page.keyboard.press('Alt+KeyJ');
      await expect(rows.nth(1)).toHaveAttribute('aria-current', 'true');
      await expect(page.getByRole('log')).toContainText('first question');
      await page.keyboard.press('Alt+KeyK');
      await expect(page.getByRole('log')).toContainText('second question');
      await expect(page.locator('#reply')).toBeFocused();
      await page.keyboard.type('an answer?');
      await page.keyboard.press('Enter');
      await second.until(({ events }) => events.length === 2);
      expect(second.texts[1]).toBe('an answer?');

      // Out of the field, through the list by arrows, in again by Enter.
      await page.keyboard.press('Escape');
      await expect(rows.nth(0)).toBeFocused();
      await page.keyboard.press('ArrowDown');
      await expect(rows.nth(1)).toBeFocused();
      await page.keyboard.press('Home');
      await expect(rows.nth(0)).toBeFocused();
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('log')).toContainText('first question');

      // Details, help, and what Escape closes.
      const details = page.locator('.details');
      await expect(details).toBeVisible();
      await page.keyboard.press('Alt+KeyO');
      await expect(details).toBeHidden();
      await page.keyboard.press('Alt+KeyO');
      await expect(details).toBeVisible();
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await expect(page.locator('dialog[open]')).toBeVisible();
      await page.keyboard.press('Alt+KeyE');
      await page.keyboard.press('Escape');
      await expect(page.locator('dialog[open]')).toHaveCount(0);
      await page.keyboard.press('Alt+KeyL');
      await expect(page.locator('#reply')).toBeFocused();

      await page.keyboard.press('Alt+KeyE');
      await first.until(({ state }) => state?.status === 'closed');
      await expect(rows).toHaveCount(1);
    });
  });
}

test('everything that can be pressed is reached by Tab, shows its focus, and the order is that of the screen', async ({
  page,
  server,
  newVisitor,
}) => {
  const visitor = await newVisitor();
  await visitor.send('Hello');
  await signIn(page, server);
  await page.keyboard.press('Alt+KeyJ');
  await expect(page.locator('#reply')).toBeFocused();
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
    window.getSelection()?.removeAllRanges();
  });
  await page.locator('.rail-head').click();

  const order: string[] = [];
  for (let presses = 0; presses < 16; presses += 1) {
    await page.keyboard.press('Tab');
    const name = await focused(page);
    if (order.includes(name)) break;
    if (name === '') break;
    order.push(name);
    const ring = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return '';
      const box = element.closest('.composer-box');
      return `${getComputedStyle(element).outlineStyle} ${box === null ? '' : getComputedStyle(box).boxShadow}`;
    });
    expect(ring, name).toMatch(/solid|rgb/);
  }
  expect(order.map((name) => name.replace(/\d+s/g, 'Ns'))).toEqual([
    expect.stringContaining('Open'),
    'Closed',
    'Connected',
    expect.stringContaining('Admin'),
    expect.stringContaining('Newest activity'),
    expect.stringContaining(visitor.label),
    'Close conversation',
    'Details',
    'Messages',
    `Reply to ${visitor.label}`,
    'Send',
    'Hide details',
    expect.stringContaining('Copy: Visitor id'),
    expect.stringContaining('Copy: Conversation id'),
  ]);
});

test('the settings work by keyboard and give the focus back', async ({ page, server, newVisitor }) => {
  await (await newVisitor()).send('Hello');
  await signIn(page, server);
  const button = page.getByRole('button', { name: 'Admin' });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: 'System' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
