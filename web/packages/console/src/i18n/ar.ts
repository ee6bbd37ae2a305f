import { agent as sentences } from '@clearline/protocol/texts/ar';
import words from './ar.json';

export const loaded = { words, sentences };
