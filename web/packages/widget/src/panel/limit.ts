/** From here on the person is told how much is left. */
const nearShare = 0.9;

const encoder = new TextEncoder();

export interface LimitState {
  /** Characters that still fit, as far as the text so far lets one tell; negative when there are too many. */
  left: number;
  isOver: boolean;
}

/** Where a text stands near the limit, which counts bytes of UTF-8; null while that is no concern. */
export function limitState(text: string, bytesMax: number): LimitState | null {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 < bytesMax * nearShare) return null;
  const bytes = encoder.encode(text).length;
  if (bytes < bytesMax * nearShare) return null;
  const characters = Array.from(text);
  if (bytes > bytesMax) {
    let excess = bytes - bytesMax;
    let over = 0;
    for (let index = characters.length - 1; excess > 0; --index, ++over) {
      excess -= encoder.encode(characters[index]).length;
    }
    return { left: -over, isOver: true };
  }
  return { left: Math.floor(((bytesMax - bytes) * characters.length) / bytes), isOver: false };
}

/** The server's notion of a text with nothing in it (Unicode's White_Space). */
export const isBlank = (text: string) => /^\p{White_Space}*$/u.test(text);
