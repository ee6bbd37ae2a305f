import type { Texts } from '@clearline/protocol';

/** The widget's own words. What is said about connections and refused messages comes from the registry's texts. */
export interface WidgetTexts {
  /** With {site}. */
  title: string;
  openChat: string;
  /** With {count}. */
  openChatUnread: string;
  closeChat: string;
  online: string;
  away: string;
  connecting: string;
  greeting: string;
  greetingOnline: string;
  greetingAway: string;
  messages: string;
  composer: string;
  send: string;
  earlier: string;
  loading: string;
  newMessages: string;
  sending: string;
  sent: string;
  delivered: string;
  seen: string;
  failed: string;
  /** With {name}. */
  typing: string;
  team: string;
  retry: string;
  edit: string;
  delete: string;
  closed: string;
  reopened: string;
  offline: string;
  backOnline: string;
  tryNow: string;
  /** With {count}. */
  charactersLeft: string;
  charactersOver: string;
}

export interface Language {
  code: string;
  direction: 'ltr' | 'rtl';
  ui: WidgetTexts;
  connection: Texts;
}

export const fill = (text: string, values: Record<string, string | number>) =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
