// What a tab in the background can show: a count in its title and a dot on its icon.

/** "(3) Clearline" */
export function titleOf(unread: number, product: string): string {
  return unread > 0 ? `(${unread}) ${product}` : product;
}

export function showUnread(document: Document, unread: number, product: string): void {
  document.title = titleOf(unread, product);
  const icon = document.querySelector<HTMLLinkElement>('#favicon');
  if (icon === null) return;
  const base = icon.getAttribute('href')?.replace(/[^/]*$/, '') ?? '';
  const href = `${base}favicon${unread > 0 ? '-unread' : ''}.svg`;
  if (icon.getAttribute('href') !== href) icon.setAttribute('href', href);
}
