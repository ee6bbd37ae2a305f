import { agent as sentences } from '@clearline/protocol/texts/zh';
import words from './zh.json';

export const loaded = { words, sentences };
