// The HTTP answers of section 9.
import type { Agent, Site } from './messages.ts';

export interface SignInAnswer {
  agent: Agent;
  ticket: string;
  expires_at: number;
}

export interface SessionAnswer {
  agent: Agent;
  expires_at: number;
}

export interface TicketAnswer {
  ticket: string;
}

/** What a widget may know of its site before it connects. */
export type WidgetAnswer = Site;

export interface HttpError {
  error: string;
  message: string;
}
