import { describe, expect, it } from 'vitest';
import { fillText } from './fill_text.ts';
import { entries, errors, languages } from './registry.generated.ts';
import * as ar from './texts/ar.generated.ts';
import * as de from './texts/de.generated.ts';
import * as en from './texts/en.generated.ts';
import * as es from './texts/es.generated.ts';
import * as fr from './texts/fr.generated.ts';
import * as zh from './texts/zh.generated.ts';

describe('fillText', () => {
  it('puts the value in', () => {
    expect(fillText('Trying again[ in {seconds} s]; wait.', { seconds: 7 })).toBe('Trying again in 7 s; wait.');
  });

  it('leaves the optional part out when its value is missing', () => {
    expect(fillText('Trying again[ in {seconds} s]; wait.')).toBe('Trying again; wait.');
  });

  it('takes a value as it is, even one that looks like a placeholder', () => {
    expect(fillText('Wrong[: {detail}]', { detail: '[{id}] $& {seconds}' })).toBe('Wrong: [{id}] $& {seconds}');
  });

  it('leaves a sentence without placeholders alone', () => {
    expect(fillText('Reconnecting…')).toBe('Reconnecting…');
  });
});

describe('texts', () => {
  const modules = { ar, de, en, es, fr, zh };

  it.each(languages)('%s has what every status and error tells both audiences', (language) => {
    const { visitor, agent } = modules[language];
    const ids = [...entries.map((entry) => entry[5]), ...errors.map((error) => error[2])].filter((id) => id !== null);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) {
      for (const sentence of [visitor[id], agent[id]]) {
        expect(sentence).toBeTruthy();
        const filled = fillText(sentence, { detail: 'd', id: 'i', seconds: 1 });
        expect(filled).not.toMatch(/[[\]{}]/);
        expect(fillText(sentence)).not.toMatch(/[[\]{}]/);
      }
    }
  });
});
