import { expect, openConsole, test, type Credentials } from '../lib/test.ts';
import type { ClearlineServer } from '../lib/server.ts';

async function newAgent(server: ClearlineServer, name: string, displayName: string): Promise<Credentials> {
  const made = (await server.admin('agents', 'create', name, '--display-name', displayName, '--site', 'demo')) as {
    password: string;
  };
  return { name, password: made.password };
}

test('two agents see the same truth, live', async ({ server, newVisitor, newPerson }) => {
  const ada = await newAgent(server, 'ada', 'Ada');
  const [admin, colleague] = [await newPerson(), await newPerson()];
  await openConsole(admin, server);
  await openConsole(colleague, server, '', ada);

  const visitor = await newVisitor();
  await visitor.send('Do you deliver on Saturdays?', 'And on Sundays?');
  const rows = [admin, colleague].map((page) => page.getByRole('link', { name: visitor.label }));
  for (const row of rows) {
    await expect(row).toContainText('2 unread messages');
    await expect(row).toContainText('Waiting for');
  }
  await expect(colleague).toHaveTitle('(1) Clearline');

  // One reads: it is read for both.
  await rows[0]!.click();
  await expect(rows[1]!).not.toContainText('unread');
  await expect(colleague).toHaveTitle('Clearline');
  await expect(rows[1]!).toContainText('Waiting for');

  // One writes: the other sees it coming, and who it was.
  await rows[1]!.click();
  await expect(colleague.getByRole('log').getByText('And on Sundays?')).toBeVisible();
  await admin.getByLabel('Reply to').pressSequentially('On both.');
  await expect(colleague.getByText('Admin is typing…')).toBeVisible();
  await admin.keyboard.press('Enter');
  const answer = colleague.getByRole('log').locator('[data-message]', { hasText: 'On both.' });
  await expect(answer).toContainText('Admin');
  for (const row of rows) {
    await expect(row).toContainText('Answer: On both.');
    await expect(row).not.toContainText('Waiting for');
  }

  // The other closes: it is closed for both, and the log says by whom.
  await colleague.getByRole('button', { name: 'Close conversation' }).click();
  await expect(admin.getByText('Ada closed the conversation')).toBeVisible();
  await expect(rows[0]!).toBeHidden();
  await admin.getByRole('link', { name: 'Closed' }).click();
  await rows[0]!.click();

  // Both want to close at once: the second is not bothered with it.
  await visitor.send('Thanks!');
  for (const page of [admin, colleague]) await expect(page.getByRole('log').getByText('Thanks!')).toBeVisible();
  await Promise.all([admin, colleague].map((page) => page.keyboard.press('Alt+KeyE')));
  await visitor.until(({ state }) => state?.status === 'closed');
  for (const page of [admin, colleague]) {
    await expect(page.getByText('This conversation is closed. A reply reopens it.')).toBeVisible();
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
  }
});

test('an agent sees the sites that were granted, an administrator all of them', async ({
  server,
  newVisitor,
  newPerson,
}) => {
  await server.admin('sites', 'create', 'books', '--name', 'Book shop', '--origin', 'self');
  const ada = await newAgent(server, 'ada', 'Ada');
  const [admin, agent] = [await newPerson(), await newPerson()];
  await openConsole(agent, server, '', ada);
  await openConsole(admin, server);
  await expect(agent.getByLabel('Site')).toHaveCount(0);

  await expect(async () => {
    const visitor = await newVisitor('books');
    await visitor.send('Is this about books?');
  }).toPass();
  await admin.getByLabel('Site').selectOption({ label: 'Book shop (1)' });
  await expect(admin.getByRole('link', { name: /Is this about books/ })).toBeVisible();
  await expect(admin).toHaveURL(/#\/books\/open$/);
  await expect(agent.getByText('No open conversations')).toBeVisible();
});

test('hundreds of conversations are one list, of which the document holds what is in sight', async ({
  page,
  server,
  newVisitor,
}) => {
  test.setTimeout(120_000);
  const count = 230;
  for (let made = 0; made < count; made += 10) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const visitor = await newVisitor();
        await visitor.send(`question ${made + index + 1}`);
        visitor.leave();
      }),
    );
  }
  await openConsole(page, server);
  const rows = page.getByRole('list', { name: 'Open conversations' }).getByRole('listitem');
  await expect(rows.first()).toHaveAttribute('aria-setsize', String(count));
  expect(await rows.count()).toBeLessThan(60);
  await expect(page.getByText(`${count} unread conversations`)).toBeAttached();

  const first = rows.first().getByRole('link');
  await first.focus();
  await page.keyboard.press('End');
  const last = page.locator(`[data-index="${count - 1}"]`);
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log')).toContainText(/question \d+/);
});
