// The one script that a page embeds:
//   <script src="https://HOST/widget.js" data-site="KEY" async></script>
// It shows the launcher, and loads the rest on a click, or at once while a chat is under way. Everything that it needs
// of the server it asks of the origin that it came from; it opens no WebSocket by itself.
import { iconChat } from '@clearline/tokens/icons';
import { liveKey, openKey, storagePrefix, type PanelControl, type PanelModule } from '../context.ts';
import { chooseLanguage } from '../i18n/choose.ts';
import { onAccent } from './colour.ts';
import { style } from './style.ts';

const openWords: Record<string, string> = { en: 'Open chat', ar: 'فتح المحادثة', zh: '打开对话' };
const svg = 'http://www.w3.org/2000/svg';
const once = Symbol.for('clearline.widget');

// Known only while the script itself runs.
const script = document.currentScript as HTMLScriptElement | null;
const page = window as unknown as Record<symbol, boolean>;

if (script && !page[once]) {
  page[once] = true;
  void begin(new URL(script.src).origin, script.dataset);
}

async function begin(origin: string, options: DOMStringMap): Promise<void> {
  const { site = '' } = options;
  const answer = await askForSite(origin, site);
  if (typeof answer === 'string')
    console.warn(`Clearline: no chat for site "${site}" on ${location.origin}: ${answer}`);
  else show(origin, site, answer.name, options);
}

/** @returns the site, or why there is no chat on this page */
async function askForSite(origin: string, site: string): Promise<{ name: string } | string> {
  // A server that restarts while a page loads must not cost that page its chat.
  for (const delayMs of [5_000, 20_000, 60_000, 0]) {
    try {
      const answer = await fetch(`${origin}/api/v1/widget?site=${encodeURIComponent(site)}`, { credentials: 'omit' });
      if (answer.ok) return (await answer.json()) as { name: string };
      if (answer.status === 403) return 'the site does not list this origin';
      if (answer.status < 500) return `there is no such site (HTTP ${answer.status})`;
    } catch {
      // Not reached; asked again.
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  return `${origin} does not answer`;
}

function show(origin: string, site: string, name: string, options: DOMStringMap): void {
  const language = chooseLanguage(
    [options.lang, document.documentElement.lang, navigator.language],
    Object.keys(openWords),
  );
  const host = document.createElement('div');
  const { color = '', position, theme } = options;
  const ink = onAccent(color);
  if (ink) {
    host.style.setProperty('--cl-accent', color);
    host.style.setProperty('--cl-on-accent', ink);
  }
  Object.assign(host.dataset, { clearline: site, ...(position && { position }), ...(theme && { theme }) });
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];

  const mount = document.createElement('div');
  mount.dir = language === 'ar' ? 'rtl' : 'ltr';
  const launcher = document.createElement('button');
  launcher.className = 'launcher';
  launcher.ariaLabel = launcher.title = openWords[language] ?? '';
  launcher.ariaExpanded = 'false';
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.append(document.createElementNS(svg, 'path'));
  icon.firstElementChild?.setAttribute('d', iconChat);
  launcher.append(icon);
  mount.append(launcher);
  shadow.append(mount);
  // Beside the body, not in it: pages exchange their body, and transform it.
  document.documentElement.append(host);

  let panel: Promise<PanelControl> | undefined;
  const withPanel = (use: (panel: PanelControl) => void) => {
    panel ??= (import(/* @vite-ignore */ `${origin}/${__PANEL_FILE__}`) as Promise<PanelModule>).then((module) =>
      module.start({ host, shadow, mount, launcher, origin, site, name, language }),
    );
    panel.then(use, (error: unknown) => {
      // The next click tries again.
      panel = undefined;
      throw error;
    });
  };
  launcher.onclick = () => withPanel((panel) => panel.toggle());

  try {
    const prefix = storagePrefix(origin, site);
    const wasOpen = sessionStorage.getItem(prefix + openKey);
    if (wasOpen ?? localStorage.getItem(prefix + liveKey)) withPanel((panel) => panel.restore(wasOpen !== null));
  } catch {
    // A page without storage: the chat begins with the click.
  }
}
