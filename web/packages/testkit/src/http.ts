// The fake server on a real port: the built pages, the HTTP calls of section 9, and WebSockets.
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { closeCode, subprotocol } from '@clearline/protocol';
import type { FakeAgent } from './chat.ts';
import { FakeServer } from './server.ts';

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; " +
  "require-trusted-types-for 'script'";

export interface HttpOptions {
  /** web/dist. */
  dist: string;
  port?: number;
  /** Origins that may embed the widget besides the server's own. */
  origins?: string[];
}

export class FakeHttpServer {
  readonly fake = new FakeServer();
  private readonly sessions = new Map<string, FakeAgent>();
  private readonly options: HttpOptions;
  private readonly server: Server;
  private readonly sockets: WebSocketServer;

  constructor(options: HttpOptions) {
    this.options = options;
    this.server = createServer((request, response) => void this.answer(request, response));
    this.sockets = new WebSocketServer({
      server: this.server,
      path: '/ws',
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
    this.sockets.on('connection', (socket, request) => {
      const session = this.fake.accept({
        send: (text) => socket.send(text),
        close: (code) => socket.close(code),
      });
      socket.on('message', (data, isBinary) => {
        if (isBinary) session.bye(closeCode.unsupported_data, 'unsupported_data');
        else session.receive((data as Buffer).toString('utf8'));
      });
      socket.on('close', () => session.ended());
      if (!this.allows(request)) session.bye(closeCode.forbidden, 'origin_not_allowed');
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(this.options.port ?? 0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private allows({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    return origin === undefined || origin === `http://${host}` || (this.options.origins ?? []).includes(origin);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      if (url.pathname.startsWith('/api/v1/')) await this.api(request, response, url);
      else this.file(response, url.pathname);
    } catch (error) {
      json(response, 500, { error: 'internal', message: String(error) });
    }
  }

  private file(response: ServerResponse, pathname: string): void {
    const path = normalize(pathname).replace(/\/$/, '/index.html');
    const file = join(this.options.dist, path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const isPage = path.startsWith('/console/') || path.startsWith('/demo/');
    response.writeHead(200, {
      'Content-Type': contentTypes[extname(file)] ?? 'application/octet-stream',
      'X-Content-Type-Options': 'nosniff',
      ...(isPage ? { 'Content-Security-Policy': pagePolicy } : { 'Access-Control-Allow-Origin': '*' }),
    });
    response.end(readFileSync(file));
  }

  private async api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const cookie = /clearline_session=(\S+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const agent = this.sessions.get(cookie);
    const expires_at = Date.now() + 30 * 86_400_000;
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /api/v1/status':
        json(response, 200, { status: 'ok', time: Date.now() });
        break;
      case 'GET /api/v1/widget': {
        const site = url.searchParams.get('site') ?? '';
        const name = this.fake.chat.sites.get(site);
        if (name === undefined) json(response, 404, { error: 'not_found', message: 'there is no such site' });
        else if (this.allows(request)) json(response, 200, { site, name });
        else json(response, 403, { error: 'forbidden', message: 'the site does not list this origin' });
        break;
      }
      case 'POST /api/v1/sign-in': {
        const { name, password } = (await body(request)) as { name: string; password: string };
        const found = this.fake.chat.agents.find((one) => one.name === name && one.password === password);
        if (!found) {
          json(response, 401, { error: 'wrong_password', message: 'The name or the password is wrong.' });
          return;
        }
        const session = this.fake.chat.makeId('s');
        this.sessions.set(session, found);
        response.setHeader('Set-Cookie', `clearline_session=${session}; HttpOnly; SameSite=Strict; Path=/`);
        json(response, 200, { agent: publicPart(found), ticket: this.fake.makeTicket(found), expires_at });
        break;
      }
      case 'GET /api/v1/session':
        if (agent) json(response, 200, { agent: publicPart(agent), expires_at });
        else json(response, 401, { error: 'not_signed_in', message: 'Sign in first.' });
        break;
      case 'POST /api/v1/tickets':
        if (agent) json(response, 200, { ticket: this.fake.makeTicket(agent) });
        else json(response, 401, { error: 'not_signed_in', message: 'Sign in first.' });
        break;
      case 'POST /api/v1/sign-out':
        this.sessions.delete(cookie);
        response.writeHead(204).end();
        break;
      default:
        json(response, 404, { error: 'not_found', message: 'there is nothing here' });
    }
  }
}

function publicPart({ id, name, display_name, role }: FakeAgent) {
  return { id, name, display_name, role };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
  });
  response.end(JSON.stringify(value));
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
