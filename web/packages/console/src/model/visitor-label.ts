// Visitors have no names: the end of the id tells them apart, a colour helps the eye.
import type { VisitorId } from '@clearline/protocol';

/** The last four digits are the most random ones, and base 32 has no letters to mistake. */
export function shortId(id: VisitorId): string {
  return id.slice(-4).toUpperCase();
}

const avatarColours = 8;

/** 1 to 8: which of the avatar tokens; the same for an id on every screen. */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    // FNV-1a: enough to spread ids that differ in one digit.
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash % avatarColours) + 1;
}
