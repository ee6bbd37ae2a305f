/**
 * JSON.stringify for plain values (null, booleans, numbers, strings, arrays, objects) that a page cannot change: a
 * `toJSON` on the prototype of Array or Object, which old libraries leave there, is never asked. It is not looked up
 * for a primitive, so only those go to JSON.stringify.
 */
export function toJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, toJson).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`).join(',')}}`;
}
