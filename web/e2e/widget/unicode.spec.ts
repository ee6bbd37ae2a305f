import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent, textsOf, until } from '../lib/agent.ts';
import { Panel } from '../lib/panel.ts';
import { expect, test } from '../lib/test.ts';

const file = fileURLToPath(new URL('../../../tests/data/unicode.jsonl', import.meta.url));
const texts = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { text: string }).text);

/** The protocol's text_empty: nothing but White_Space. */
const isBlank = (text: string) => /^\p{White_Space}*$/u.test(text);
/** A text field of HTML keeps no carriage return (HTML, section 4.10.11.5: the value is normalised to line feeds). */
const isTypeable = (text: string) => !text.includes('\r');

/** Types each text, presses Enter, and gives those that the composer kept. Runs in the page, as fast as it goes. */
async function typeAndSend(element: HTMLElement | SVGElement, texts: string[]): Promise<string[]> {
  const input = element as HTMLTextAreaElement;
  const rendered = () => new Promise((resolve) => setTimeout(resolve));
  const kept: string[] = [];
  for (const text of texts) {
    input.value = text;
    if (input.value !== text) throw new Error(`the text field changed ${JSON.stringify(text)}`);
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await rendered();
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    await rendered();
    if (input.value !== '') kept.push(text);
  }
  return kept;
}

test('all texts of the corpus pass unchanged from browser to server to browser', async ({
  page,
  server,
  newPerson,
}) => {
  test.setTimeout(180_000);
  expect(texts).toHaveLength(253);
  await page.goto(`${server.origin}/demo/`);
  const panel = new Panel(page);
  await panel.open();
  await panel.write('begin');
  const agent = await Agent.signIn(server);
  const conversation = await agent.conversation('begin');

  const sent = texts.filter((text) => isTypeable(text) && !isBlank(text));
  const refused = await panel.composer.evaluate(typeAndSend, texts.filter(isTypeable));
  expect(refused).toEqual(texts.filter((text) => isTypeable(text) && isBlank(text)));
  const typed = sent.length;
  // Browser to server to the other side. A visitor may send 60 at once and then 10 a second; the rest is told to wait.
  await until(() => textsOf(conversation).length === typed + 1, 'everything has arrived', typed * 300);
  expect(textsOf(conversation).slice(1)).toEqual(sent);

  // And back: the agent answers with the whole corpus, what cannot be typed included.
  const answers = texts.filter((text) => !isBlank(text));
  for (const text of answers) conversation.send(text);
  await until(() => conversation.view.pending.length === 0, 'the answers are stored');

  // What another page of the same visitor loads, read from its nodes.
  const token = await page.evaluate((key) => localStorage.getItem(key), `clearline:${server.origin}:demo:token`);
  const reader = await newPerson();
  await reader.addInitScript(
    ([key, value]) => localStorage.setItem(key!, value!),
    [`clearline:${server.origin}:demo:token`, token!],
  );
  await reader.goto(`${server.origin}/demo/`);
  const second = new Panel(reader);
  await second.open();
  const total = 1 + sent.length + answers.length;
  const earlier = second.dialog.getByRole('button', { name: 'Earlier messages' });
  while ((await second.bubbles.count()) < total) await earlier.click();
  const shown = await second.bubbles.evaluateAll((bubbles) => bubbles.map((bubble) => bubble.textContent));
  expect(shown).toEqual(['begin', ...sent, ...answers]);
  agent.leave();
});
