import { expect, openConsole, test } from '../lib/test.ts';

test.describe('signing in', () => {
  test('a wrong password is told so, the right one opens the console, which a reload keeps open', async ({
    page,
    server,
  }) => {
    await page.goto('/console/');
    await expect(page.getByRole('heading', { name: 'Sign in to Clearline' })).toBeVisible();
    await expect(page.getByLabel('Name')).toBeFocused();

    await page.getByLabel('Name').fill(server.agent);
    await page.getByLabel('Password').fill('not it');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toHaveText('Wrong name or password.');

    await page.getByLabel('Password').fill(server.password);
    await page.keyboard.press('Enter');
    await expect(page.getByText('Connected')).toBeVisible();

    await page.reload();
    await expect(page.getByText('Connected')).toBeVisible();
  });

  test('an empty field is named before the server is asked', async ({ page }) => {
    await page.goto('/console/');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Enter your name.')).toBeVisible();
    await page.getByLabel('Name').fill('ada');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Enter your password.')).toBeVisible();
    await expect(page.getByLabel('Password')).toBeFocused();
  });

  test('after too many tries the wait is told, and the right password has to wait too', async ({
    page,
    server,
    expectedErrors,
  }) => {
    expectedErrors.push(/429/);
    await page.goto('/console/');
    await page.getByLabel('Name').fill(server.agent);
    await page.getByLabel('Password').fill('not it');
    const alert = page.getByRole('alert');
    const button = page.getByRole('button', { name: 'Sign in' });
    await expect(async () => {
      await button.click();
      await expect(alert).toHaveText(/^Too many tries\. Try again in \d+ (second|minute)s?\.$/, { timeout: 300 });
    }).toPass();
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await page.getByLabel('Password').fill(server.password);
    await page.keyboard.press('Enter');
    await expect(alert).toHaveText(/Too many tries/);
  });

  test('signing out ends the session here and in the other tab, which says why and keeps the draft', async ({
    page,
    server,
    newVisitor,
    context,
  }) => {
    const visitor = await newVisitor();
    await visitor.send('Hello?');
    await openConsole(page, server);
    await page.getByRole('link', { name: visitor.label }).click();
    await page.getByLabel(`Reply to ${visitor.label}`).fill('half a sentence');

    const other = await context.newPage();
    await other.goto('/console/');
    await other.getByRole('button', { name: 'Admin' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await expect(other.getByRole('heading', { name: 'Sign in to Clearline' })).toBeVisible();

    await expect(page.getByText(/You were signed out\./)).toBeVisible();
    await page.getByLabel('Name').fill(server.agent);
    await page.getByLabel('Password').fill(server.password);
    await page.keyboard.press('Enter');
    await expect(page.getByLabel(`Reply to ${visitor.label}`)).toHaveValue('half a sentence');

    await other.reload();
    await expect(other.getByText('Connected')).toBeVisible();
  });
});
