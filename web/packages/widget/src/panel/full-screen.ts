import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Where a floating panel would leave no room to read in. */
export const smallScreen = '(max-width: 500px), (max-height: 420px)';

/**
 * On a small screen the panel takes it all: the page behind can be neither scrolled nor reached, and the panel follows
 * the part of the screen that the keyboard leaves. Returns whether that is so.
 */
export function useFullScreen(panel: RefObject<HTMLElement | null>, host: HTMLElement): boolean {
  const [query] = useState(() => matchMedia(smallScreen));
  const [isSmall, setSmall] = useState(query.matches);

  useEffect(() => {
    const update = () => setSmall(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [query]);

  useEffect(() => (isSmall ? coverPage(host) : undefined), [isSmall, host]);
  useEffect(() => (isSmall ? followViewport(panel) : undefined), [isSmall, panel]);
  return isSmall;
}

function coverPage(host: HTMLElement): () => void {
  const root = document.documentElement;
  const others = [...root.children].filter((one): one is HTMLElement => one instanceof HTMLElement && one !== host);
  const covered = others.filter((one) => !one.inert);
  const { overflow } = root.style;
  for (const one of covered) one.inert = true;
  root.style.overflow = 'hidden';
  return () => {
    for (const one of covered) one.inert = false;
    root.style.overflow = overflow;
  };
}

/** Safari lays its keyboard over the page: the panel has to give way by itself. */
function followViewport(panel: RefObject<HTMLElement | null>): (() => void) | undefined {
  const viewport = window.visualViewport;
  if (!viewport) return undefined;
  const update = () => {
    const element = panel.current;
    if (!element) return;
    element.style.height = `${viewport.height}px`;
    element.style.transform = `translateY(${viewport.offsetTop}px)`;
  };
  update();
  viewport.addEventListener('resize', update);
  viewport.addEventListener('scroll', update);
  return () => {
    viewport.removeEventListener('resize', update);
    viewport.removeEventListener('scroll', update);
    panel.current?.style.removeProperty('height');
    panel.current?.style.removeProperty('transform');
  };
}
