export type TextPlaceholder = 'detail' | 'id' | 'seconds';

const optionalPart = /\[([^[\]{}]*)\{([a-z]+)\}([^[\]{}]*)\]/g;

/** "Trying again[ in {seconds} s]." becomes "Trying again in 7 s.", or "Trying again." without the value. */
export function fillText(sentence: string, values: Partial<Record<TextPlaceholder, string | number>> = {}): string {
  return sentence.replace(optionalPart, (_, before: string, name: string, after: string) => {
    const value = values[name as TextPlaceholder];
    return value === undefined ? '' : `${before}${value}${after}`;
  });
}
