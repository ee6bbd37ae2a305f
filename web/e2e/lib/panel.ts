import { expect, type Locator, type Page } from '@playwright/test';

/** The widget on a page, as a visitor meets it. */
export class Panel {
  readonly page: Page;
  readonly launcher: Locator;
  readonly dialog: Locator;
  readonly composer: Locator;
  readonly bubbles: Locator;
  readonly bar: Locator;

  constructor(page: Page) {
    this.page = page;
    this.launcher = page.locator('.launcher');
    this.dialog = page.getByRole('dialog');
    this.composer = this.dialog.getByRole('textbox');
    this.bubbles = this.dialog.locator('.bubble');
    this.bar = this.dialog.locator('.bar');
  }

  async open(): Promise<void> {
    await this.launcher.click();
    await expect(this.dialog).toBeVisible();
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async expectTexts(texts: string[]): Promise<void> {
    await expect(this.bubbles).toHaveText(texts);
  }
}
