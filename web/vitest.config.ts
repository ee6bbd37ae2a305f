import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'tools/**/*.test.ts'],
    // Files that render say so at their head: @vitest-environment happy-dom.
    environment: 'node',
    restoreMocks: true,
    unstubGlobals: true,
  },
});
