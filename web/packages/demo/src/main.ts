// A small shop, to see the chat where it belongs: on somebody's page.
import { drawing, element } from './dom.ts';
import { goods, type Good, type LanguageCode } from './goods.ts';
import { draw, looks } from './pots.ts';
import { words, type Words } from './words.ts';

const root = document.documentElement;
const language = (root.lang in words ? root.lang : 'en') as LanguageCode;
const text = words[language];
const price = new Intl.NumberFormat(language, { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
const basket = new Set<string>();
const main = element('main');

function start(): void {
  document.querySelector('main')?.replaceWith(main);
  main.id = 'main';
  main.tabIndex = -1;
  for (const labelled of document.querySelectorAll<HTMLElement>('[data-label]')) {
    labelled.setAttribute('aria-label', text[labelled.dataset.label as keyof Words]);
  }
  for (const worded of document.querySelectorAll<HTMLElement>('[data-text]')) {
    worded.textContent = text[worded.dataset.text as keyof Words];
  }
  document.querySelector(`.languages a[lang=${language}]`)?.setAttribute('aria-current', 'true');
  addEventListener('hashchange', () => {
    show();
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  show();
  showBasket();
}

function show(): void {
  const [, page, id] = /^#\/(\w*)\/?(\w*)/.exec(location.hash) ?? [];
  const good = page === 'pot' ? goods.find((one) => one.id === id) : undefined;
  if (good) main.replaceChildren(detail(good));
  else if (page === 'about') main.replaceChildren(about());
  else main.replaceChildren(hero(), shelf());
}

function picture({ id, name }: Good): Node {
  const look = looks[id];
  return look ? draw(look, name[language]) : drawing('svg', {});
}

function hero(): HTMLElement {
  const shown = ['vase', 'planter', 'teapot'].flatMap((id) => goods.filter((good) => good.id === id));
  const action = element('a', { class: 'button', href: '#shelf' }, text.heroAction);
  action.addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById('shelf')?.scrollIntoView({ behavior: 'smooth' });
  });
  return element(
    'section',
    { class: 'hero' },
    element('div', { class: 'hero-words' }, element('h1', {}, text.heroTitle), element('p', {}, text.hero), action),
    element('div', { class: 'hero-pots', 'aria-hidden': 'true' }, ...shown.map(picture)),
  );
}

function shelf(): HTMLElement {
  const card = (good: Good) =>
    element(
      'li',
      {},
      element(
        'a',
        { class: 'card', href: `#/pot/${good.id}` },
        element('div', { class: 'picture' }, picture(good)),
        element('span', { class: 'name' }, good.name[language]),
        element('span', { class: 'price' }, price.format(good.priceEuros)),
      ),
    );
  return element(
    'section',
    { id: 'shelf' },
    element('h2', {}, text.shelf),
    element('ul', { class: 'shelf' }, ...goods.map(card)),
  );
}

function detail(good: Good): HTMLElement {
  const button = element('button', { class: 'button', type: 'button' }, basket.has(good.id) ? text.added : text.add);
  button.addEventListener('click', () => {
    basket.add(good.id);
    button.textContent = text.added;
    showBasket();
  });
  const fact = (name: string, value: string) => [element('dt', {}, name), element('dd', {}, value)];
  const unit = (value: number, of: string) =>
    new Intl.NumberFormat(language, { style: 'unit', unit: of }).format(value);
  return element(
    'article',
    { class: 'detail' },
    element('div', { class: 'picture' }, picture(good)),
    element(
      'div',
      { class: 'words' },
      element('a', { class: 'back', href: '#/' }, text.back),
      element('h1', {}, good.name[language]),
      element('p', { class: 'price' }, price.format(good.priceEuros)),
      element('p', {}, good.about[language]),
      element(
        'dl',
        {},
        ...(good.millilitres ? fact(text.volume, unit(good.millilitres, 'milliliter')) : []),
        ...fact(text.size, unit(good.centimetres, 'centimeter')),
        ...fact(text.material, text.stoneware),
      ),
      button,
    ),
  );
}

function about(): HTMLElement {
  return element(
    'article',
    { class: 'about' },
    element('h1', {}, text.aboutTitle),
    element('p', {}, text.aboutText),
    element('div', { class: 'hero-pots', 'aria-hidden': 'true' }, ...goods.slice(0, 3).map(picture)),
  );
}

function showBasket(): void {
  const place = document.querySelector('.basket');
  if (place) place.textContent = `${text.basket} (${basket.size})`;
}

start();
