export * from './http.ts';
export * from './ids.ts';
export * from './messages.ts';
export * from './codes.ts';
export * from './fill_text.ts';
