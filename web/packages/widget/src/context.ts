/** What the loader hands to the panel. */
export interface WidgetContext {
  /** The element that holds the shadow root. */
  host: HTMLElement;
  shadow: ShadowRoot;
  /** Where launcher and panel are, in the language's direction. */
  mount: HTMLElement;
  launcher: HTMLButtonElement;
  /** The server: scheme, host and port. */
  origin: string;
  site: string;
  /** The site's name, as people know it. */
  name: string;
  language: string;
}

/** What the panel hands back. */
export interface PanelControl {
  /** The person pressed the launcher. */
  toggle(): void;
  /** The page was loaded with a chat under way; the panel was open on the page before. */
  restore(wasOpen: boolean): void;
}

export interface PanelModule {
  start(context: WidgetContext): Promise<PanelControl>;
}

/** Where the pages of one site keep what belongs to their visitor at one server. */
export const storagePrefix = (origin: string, site: string) => `clearline:${origin}:${site}:`;
/** Set while a chat is under way, so that the next page connects without waiting for a click. */
export const liveKey = 'live';
/** Set, for one tab, while the panel is open. */
export const openKey = 'open';
