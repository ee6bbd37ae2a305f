/** Black or white, whichever reads better on the colour; undefined for what is not #rrggbb. */
export function onAccent(colour: string): string | undefined {
  if (!/^#[\da-f]{6}$/i.test(colour)) return undefined;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  // WCAG 2.2, relative luminance: above this, white has less than 4.5 to 1.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? '#000' : '#fff';
}
