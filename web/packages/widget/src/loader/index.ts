// The one script that a page embeds:
//   <script src="https://HOST/widget.js" data-site="KEY" async></script>
// It shows the launcher, and loads the rest on a click, or at once while a chat is under way. Everything that it needs
// of the server it asks of the origin that it came from; it opens no WebSocket by itself.
import { iconChat, iconChevronDown } from '@clearline/tokens/icons';
import { liveKey, openKey, type PanelControl, type PanelModule, type WidgetContext } from '../context.ts';
import { chooseLanguage } from '../i18n/choose.ts';
import { onAccent } from './colour.ts';
import { style } from './style.ts';

const languages = ['en', 'ar', 'zh'];
const openWords: Record<string, string> = { en: 'Open chat', ar: 'فتح المحادثة', zh: '打开对话' };
const svg = 'http://www.w3.org/2000/svg';
const once = Symbol.for('clearline.widget');

// Known only while the script itself runs.
const script = document.currentScript as HTMLScriptElement | null;
const page = window as unknown as Record<symbol, boolean>;

if (script && !page[once]) {
  page[once] = true;
  void begin(script, new URL(script.src).origin, script.dataset.site ?? '');
}

async function begin(script: HTMLScriptElement, origin: string, site: string): Promise<void> {
  const name = await askForSite(origin, site);
  if (name === null) return;
  const language = chooseLanguage([script.dataset.lang, document.documentElement.lang, navigator.language], languages);
  show(origin, site, name, language, script.dataset);
}

/** @returns the site's name; null if there is no chat on this page */
async function askForSite(origin: string, site: string): Promise<string | null> {
  // A server that restarts while a page loads must not cost that page its chat.
  for (const delayMs of [5_000, 20_000, 60_000, 0]) {
    try {
      const answer = await fetch(`${origin}/api/v1/widget?site=${encodeURIComponent(site)}`, { credentials: 'omit' });
      if (answer.ok) return ((await answer.json()) as { name: string }).name;
      if (answer.status < 500) {
        const why = answer.status === 403 ? 'the site does not allow this origin' : 'there is no such site';
        console.warn(`Clearline: no chat for site "${site}" on ${location.origin}: ${why} (HTTP ${answer.status}).`);
        return null;
      }
    } catch {
      // Not reached; asked again.
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  console.warn(`Clearline: no chat for site "${site}" on ${location.origin}: ${origin} does not answer.`);
  return null;
}

function show(origin: string, site: string, name: string, language: string, data: DOMStringMap): void {
  const host = document.createElement('div');
  host.id = 'clearline';
  if (data.position) host.dataset.position = data.position;
  if (data.theme) host.dataset.theme = data.theme;
  const ink = onAccent(data.color ?? '');
  if (data.color && ink) {
    host.style.setProperty('--cl-accent', data.color);
    host.style.setProperty('--cl-accent-hover', data.color);
    host.style.setProperty('--cl-on-accent', ink);
  }
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];

  const mount = document.createElement('div');
  mount.dir = language === 'ar' ? 'rtl' : 'ltr';
  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.className = 'launcher';
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  icon.append(path);
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.ariaHidden = 'true';
  launcher.append(icon, badge);
  mount.append(launcher);
  shadow.append(mount);

  const showLauncher: WidgetContext['showLauncher'] = (label, unread, isOpen) => {
    launcher.ariaLabel = launcher.title = label;
    launcher.ariaExpanded = String(isOpen);
    launcher.classList.toggle('open', isOpen);
    path.setAttribute('d', isOpen ? iconChevronDown : iconChat);
    badge.textContent = unread > 9 ? '9+' : unread > 0 ? String(unread) : '';
  };
  showLauncher(openWords[language] ?? '', 0, false);
  // Beside the body, not in it: pages exchange their body, and transform it.
  document.documentElement.append(host);

  let panel: Promise<PanelControl> | undefined;
  const load = () =>
    (panel ??= (import(/* @vite-ignore */ `${origin}/${__PANEL_FILE__}`) as Promise<PanelModule>)
      .then((module) =>
        module.start({
          host,
          shadow,
          mount,
          origin,
          site,
          name,
          language,
          showLauncher,
          focusLauncher: () => launcher.focus(),
        }),
      )
      .catch((error: unknown) => {
        // The next click tries again.
        panel = undefined;
        throw error;
      }));

  launcher.addEventListener('click', () => {
    void load().then((control) => {
      if (control.isOpen) control.close();
      else control.open(true);
    });
  });

  const prefix = `clearline:${origin}:${site}:`;
  const wasOpen = has('sessionStorage', prefix + openKey);
  if (wasOpen || has('localStorage', prefix + liveKey)) {
    void load().then((control) => {
      if (wasOpen && matchMedia('(min-width: 501px)').matches) control.open(false);
    });
  }
}

function has(storage: 'localStorage' | 'sessionStorage', key: string): boolean {
  try {
    return window[storage].getItem(key) !== null;
  } catch {
    return false;
  }
}
