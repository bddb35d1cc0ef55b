import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    testTimeout: 20_000,
    // Two cores: end-to-end files start processes of their own.
    maxWorkers: 2,
    env: { FORCE_COLOR: '0', NODE_ENV: 'production' },
  },
});
