// Every view in light and dark, English and Arabic, on a desk and on a small phone: no fault that axe can find. What the
// tests see on the way is kept as screenshots.
import { expect, expectAccessible, keepScreenshot, openConsole, test, type Page, type Visitor } from '../lib/test.ts';

interface Screen {
  name: string;
  locale: string;
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
  keep?: boolean;
}

const desk = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 };
const phone = { width: 390, height: 844 };
const tablet = { width: 900, height: 700 };

const screens: Screen[] = [
  { name: 'desk-en-light', locale: 'en-US', colorScheme: 'light', viewport: desk, keep: true },
  { name: 'desk-en-dark', locale: 'en-US', colorScheme: 'dark', viewport: desk, keep: true },
  { name: 'desk-ar-light', locale: 'ar', colorScheme: 'light', viewport: desk, keep: true },
  { name: 'desk-ar-dark', locale: 'ar', colorScheme: 'dark', viewport: desk },
  { name: 'desk-zh-light', locale: 'zh-CN', colorScheme: 'light', viewport: desk, keep: true },
  { name: 'tablet-en-light', locale: 'en-US', colorScheme: 'light', viewport: tablet, keep: true },
  { name: 'phone-en-light', locale: 'en-US', colorScheme: 'light', viewport: phone, keep: true },
  { name: 'narrow-en-light', locale: 'en-US', colorScheme: 'light', viewport: narrow },
  { name: 'narrow-en-dark', locale: 'en-US', colorScheme: 'dark', viewport: narrow, keep: true },
  { name: 'narrow-ar-light', locale: 'ar', colorScheme: 'light', viewport: narrow, keep: true },
  { name: 'narrow-ar-dark', locale: 'ar', colorScheme: 'dark', viewport: narrow },
];

const questions: [question: string, ...rest: string[]][] = [
  ['Hi! I ordered the oak shelf last week, order 48213. Can you tell me when it arrives?'],
  ['Do you also have the lamp in green?', 'Or in a dark blue?'],
  ['مرحبا، هل يمكنني تغيير عنوان التسليم؟'],
  ['请问这款椅子还有货吗?我想买两把。'],
  ['The discount code SPRING does not work 😕'],
  ['Thanks, that was quick!'],
];

/** A shop's morning: visitors who wait, one who is answered. */
async function fill(newVisitor: () => Promise<Visitor>): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  for (const texts of questions) {
    const visitor = await newVisitor();
    await visitor.send(...texts);
    visitors.push(visitor);
  }
  visitors[4]!.leave();
  return visitors;
}

async function settled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))),
  );
}

for (const { name, locale, colorScheme, viewport, keep } of screens) {
  test.describe(name, () => {
    test.use({ locale, colorScheme, viewport, contextOptions: { reducedMotion: 'reduce' } });

    test('has no fault in any view', async ({ page, server, newVisitor }) => {
      test.setTimeout(300_000);
      const small = viewport.width < 720;

      async function look(view: string): Promise<void> {
        await settled(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${view} is as wide as the window`).toBeLessThanOrEqual(0);
        if (keep === true) await keepScreenshot(page, `console-${name}-${view}`);
        await expectAccessible(page);
      }

      await page.goto('/console/');
      await page.locator('input[type=password]').fill('not it');
      await page.locator('input[name=username]').fill('ada');
      await page.keyboard.press('Enter');
      await expect(page.locator('.callout-danger')).toBeVisible();
      await look('1-sign-in');

      await openConsole(page, server);
      await expect(page.locator('.empty .code')).toBeVisible();
      await look('2-empty');

      const visitors = await fill(newVisitor);
      await expect(page.locator('.row')).toHaveCount(questions.length);
      const [asking] = visitors;
      await page.goto(`/console/#/demo/open/${asking!.conv}`);
      const reply = page.locator('#reply');
      await reply.fill('Good morning! Let me look that up for you.');
      await reply.press('Enter');
      await asking!.until(({ events }) => events.length === 2);
      asking!.client.own.markSeen();
      await asking!.send('Great, take your time', 'I am at home on Thursday and Friday');
      await reply.fill('It left our warehouse this morning and should be with you on Thursday, between 9 and 12.');
      await reply.press('Enter');
      await expect(page.locator('[data-progress=seen]')).toHaveCount(1);
      await reply.evaluate((field: HTMLTextAreaElement) => {
        field.value = 'broken: \ud83d';
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await reply.press('Enter');
      await expect(page.locator('[data-progress=failed]')).toBeVisible();
      asking!.client.own.setTyping(true);
      await expect(page.locator('.typing-dots')).toBeVisible();
      await reply.fill('Is there anything else?');
      await look('3-conversation');

      if (viewport.width < 1100) {
        await page.locator('.conversation-head .icon-button').last().click();
        await expect(page.locator('.details')).toBeVisible();
        await look('4-details');
        await page.locator('.details .icon-button').first().click();
      }
      if (small) {
        await page.locator('.back').click();
        await expect(page.locator('.row').first()).toBeVisible();
        await look('5-list');
      }
      await page.locator('.rail-agent').click();
      await expect(page.locator('.agent-menu')).toBeVisible();
      await look('6-settings');
      await page.keyboard.press('Escape');
      await page.locator('.rail-status').click();
      await expect(page.locator('.popover-panel')).toBeVisible();
      await look('7-connection');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await expect(page.locator('dialog[open]')).toBeVisible();
      await look('8-help');
      await page.keyboard.press('Escape');
      await page.locator('.rail-link').last().click();
      await expect(page.locator('.list .empty')).toBeVisible();
      await look('9-nothing-closed');
    });
  });
}
