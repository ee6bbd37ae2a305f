import { describe, expect, it } from 'vitest';
import { linkify } from '../src/panel/linkify.ts';

const shown = (text: string) => linkify(text).map((part) => (typeof part === 'string' ? part : `<${part.href}>`));
const whole = (text: string) =>
  linkify(text)
    .map((part) => (typeof part === 'string' ? part : part.text))
    .join('');

describe('web addresses in a text', () => {
  it.each([
    ['no address here', ['no address here']],
    ['see https://a.example/x?y=1#z now', ['see ', '<https://a.example/x?y=1#z>', ' now']],
    ['(https://a.example).', ['(', '<https://a.example>', ').']],
    ['https://a.example/Clay_(pot)', ['<https://a.example/Clay_(pot)>']],
    ['看 https://a.example/路径，谢谢', ['看 ', '<https://a.example/路径，谢谢>']],
    ['http://a.example!http://b.example', ['<http://a.example!http://b.example>']],
    ['HTTPS://A.EXAMPLE', ['<HTTPS://A.EXAMPLE>']],
  ])('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'xhttps://a.example',
    'https://',
    'http://?',
    'vbscript:http://',
    'ftp://a.example',
    '<img src=x onerror=alert(1)>',
  ])('makes no link of %s', (text) => {
    expect(linkify(text)).toEqual([text]);
  });

  it('ends at what quotes or brackets put around', () => {
    expect(shown('<a href="https://a.example/">')).toEqual(['<a href="', '<https://a.example/>', '">']);
  });

  it('never changes a character', () => {
    for (const text of ['', '\u0000', 'https://a.example…', '\u202ehttps://a.example\u202c', 'a\r\nb https://x.y\n']) {
      expect(whole(text)).toBe(text);
    }
  });
});
