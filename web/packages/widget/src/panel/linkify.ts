export type TextPart = string | { href: string; text: string };

// Schemes are spelled out: nothing but these two ever becomes a link. Brackets, quotes and marks that end a sentence
// are not taken as the end of an address.
const address = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const trailing = /[.,;:!?)\]}…。，、；：！？）】》」』]+$/u;

/** Splits a text into plain parts and web addresses. What is shown is always the text itself, unchanged. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const shown = trimEnd(match[0]);
    if (!isAddress(shown)) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ href: shown, text: shown });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** A closing bracket belongs to the address when it was opened in it, as in many encyclopedia pages. */
function trimEnd(found: string): string {
  const shown = found.replace(trailing, '');
  const opened = shown.split('(').length > shown.split(')').length;
  return opened && found.charAt(shown.length) === ')' ? `${shown})` : shown;
}

function isAddress(text: string): boolean {
  try {
    return new URL(text).hostname !== '';
  } catch {
    return false;
  }
}
