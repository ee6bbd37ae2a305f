// Other people's sites: pages on an origin of their own that embed the widget, each awkward in its own way.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface HostPage {
  contentType?: string;
  policy?: string;
  body: string;
  /** How the body is written; UTF-8 otherwise. */
  encoding?: 'latin1';
}

const tag = (widget: string, more = '') => `<script src="${widget}/widget.js" data-site="demo" ${more} async></script>`;

function pages(widget: string): Record<string, HostPage> {
  const socket = widget.replace('http', 'ws');
  return {
    plain: { body: `<!doctype html><title>Plain</title><h1>Plain</h1>${tag(widget)}` },
    twice: { body: `<!doctype html><title>Twice</title>${tag(widget)}${tag(widget)}` },
    unknown: {
      body: `<!doctype html><title>Unknown</title><script src="${widget}/widget.js" data-site="nowhere" async></script>`,
    },
    // Nothing inline, nothing but the chat's own origin, and Trusted Types.
    policy: {
      policy:
        `default-src 'none'; script-src ${widget}; connect-src ${widget} ${socket}; base-uri 'none'; ` +
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      body: `<!doctype html><title>Policy</title><h1>Policy</h1>${tag(widget)}`,
    },
    'windows-1252': {
      contentType: 'text/html; charset=windows-1252',
      encoding: 'latin1',
      body: `<title>Caf\u00e9</title><h1>Caf\u00e9 M\u00fcller</h1>${tag(widget, 'data-lang="ar"')}`,
    },
    base: {
      body:
        '<!doctype html><title>Base</title><base href="https://elsewhere.invalid/x/" target="_blank">' + tag(widget),
    },
    hostile: {
      body:
        '<title>Hostile</title><style>' +
        'body { transform: scale(.5) !important; filter: blur(1px) !important }' +
        'html > *, body *, body *::before { all: unset !important; display: none !important; font-size: 99px !important }' +
        'button, div, svg { position: static !important; color: lime !important; visibility: hidden !important }' +
        `</style>${tag(widget, 'data-color="#ffd000" data-position="start"')}`,
    },
    polluted: {
      body:
        '<!doctype html><title>Polluted</title><script>' +
        'Object.prototype.polluted = 1; Array.prototype.last = function () { return this[this.length - 1] };' +
        'for (const type of [Object, Array, String]) type.prototype.toJSON = function () { return "broken" }' +
        `</script>${tag(widget)}`,
    },
    exchanged: {
      body:
        `<!doctype html><title>Exchanged</title>${tag(widget)}<script>` +
        'addEventListener("exchange", () => document.body.replaceWith(document.createElement("body")))</script>',
    },
  };
}

export class HostSite {
  origin = '';
  readonly #server: Server;

  constructor(widget: string) {
    const known = pages(widget);
    this.#server = createServer((request, response) => {
      const page = known[(request.url ?? '').slice(1)];
      if (!page) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, {
        'Content-Type': page.contentType ?? 'text/html; charset=utf-8',
        ...(page.policy === undefined ? {} : { 'Content-Security-Policy': page.policy }),
      });
      response.end(Buffer.from(page.body, page.encoding ?? 'utf8'));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
