/** What the loader hands to the panel. */
export interface WidgetContext {
  /** The element that holds the shadow root. */
  host: HTMLElement;
  shadow: ShadowRoot;
  /** Where the panel renders, in the language's direction. */
  mount: HTMLElement;
  /** The server: scheme, host and port. */
  origin: string;
  site: string;
  /** The site's name, as people know it. */
  name: string;
  language: string;
  /** Puts a number on the launcher, and its words. */
  showLauncher(label: string, unread: number, isOpen: boolean): void;
  focusLauncher(): void;
}

/** What the panel hands back. */
export interface PanelControl {
  /** `takeFocus` when a person asked for it. */
  open(takeFocus: boolean): void;
  close(): void;
  readonly isOpen: boolean;
}

export interface PanelModule {
  start(context: WidgetContext): Promise<PanelControl>;
}

/** Set while a chat is under way, so that the next page connects without waiting for a click. */
export const liveKey = 'live';
/** Set, for one tab, while the panel is open. */
export const openKey = 'open';
