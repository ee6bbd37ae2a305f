import { Agent } from '../lib/agent.ts';
import { Panel } from '../lib/panel.ts';
import { expect, expectAccessible, keepScreenshot, test } from '../lib/test.ts';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

const talks: Record<'en' | 'zh' | 'ar', [question: string, answer: string]> = {
  en: ['Hello! Do you ship to Norway?', 'We do. It takes four days: https://example.com/shipping'],
  zh: ['你好，请问可以发货到挪威吗？', '可以的，大约四天：https://example.com/shipping'],
  ar: ['مرحبًا، هل تشحنون إلى النرويج؟', 'نعم، يستغرق ذلك أربعة أيام: https://example.com/shipping'],
};

const looks = [
  { name: 'desktop', lang: 'en', options: {} },
  { name: 'desktop-dark', lang: 'en', options: { colorScheme: 'dark' } },
  { name: 'desktop-zh', lang: 'zh', options: {} },
  { name: 'desktop-ar', lang: 'ar', options: {} },
  { name: 'phone', lang: 'en', options: phone },
  { name: 'phone-dark', lang: 'en', options: { ...phone, colorScheme: 'dark' } },
  { name: 'phone-ar', lang: 'ar', options: phone },
  { name: 'phone-small', lang: 'en', options: { ...phone, viewport: { width: 320, height: 568 } } },
] as const;

for (const { name, lang, options } of looks) {
  test(`shop and chat look right and are accessible: ${name}`, async ({ server, newPerson }) => {
    const page = await newPerson(options);
    await page.goto(`${server.origin}/demo/?lang=${lang}`);
    const panel = new Panel(page);
    await expect(panel.launcher).toBeVisible();
    await keepScreenshot(page, `widget-${name}-shop`);
    await panel.open();
    await expect(panel.dialog.locator('.dot.away')).toBeVisible();
    await keepScreenshot(page, `widget-${name}-empty`);
    await expectAccessible(page);

    const [question, answer] = talks[lang];
    await panel.write(question);
    const agent = await Agent.signIn(server);
    const conversation = await agent.conversation(question);
    conversation.markSeen();
    conversation.send(answer);
    await expect(panel.bubbles).toHaveText([question, answer]);
    // Only now: what is typed overtakes what has to be written to the disk.
    conversation.setTyping(true);
    await expect(panel.dialog.locator('.typing')).toBeVisible();
    await keepScreenshot(page, `widget-${name}-talk`);
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    agent.leave();
  });
}

test('on a phone the panel covers the page, and gives it back', async ({ server, newPerson }) => {
  const page = await newPerson(phone);
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  expect(await panel.dialog.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  await expect(panel.launcher).toBeHidden();
  expect(await page.evaluate(() => document.body.inert)).toBe(true);
  await panel.dialog.getByRole('button', { name: 'Close chat' }).click();
  await expect(panel.launcher).toBeVisible();
  expect(await page.evaluate(() => document.body.inert)).toBe(false);
});
