import { iconChat, iconChevronDown } from '@clearline/tokens/icons';

/** The loader's button, from the moment that there is something to say on it. */
export class Launcher {
  readonly #button: HTMLButtonElement;
  readonly #badge = document.createElement('span');

  constructor(button: HTMLButtonElement) {
    this.#button = button;
    this.#badge.className = 'badge';
    this.#badge.ariaHidden = 'true';
    button.append(this.#badge);
  }

  show(label: string, unread: number, isOpen: boolean): void {
    const button = this.#button;
    button.ariaLabel = button.title = label;
    button.ariaExpanded = String(isOpen);
    button.classList.toggle('open', isOpen);
    button.querySelector('path')?.setAttribute('d', isOpen ? iconChevronDown : iconChat);
    this.#badge.textContent = unread > 9 ? '9+' : unread > 0 ? String(unread) : '';
  }
}
