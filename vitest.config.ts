import { configDefaults, defineConfig } from 'vitest/config';

const PROGRAM_TESTS = ['test/cli/**', 'test/e2e/**'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // Two cores: end-to-end files start processes of their own.
    maxWorkers: 2,
    setupFiles: ['test/support/fast-check.ts'],
    env: { FORCE_COLOR: '0', NODE_ENV: 'production' },
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, ...PROGRAM_TESTS],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      {
        extends: true,
        test: {
          name: 'program',
          testTimeout: 60_000,
          include: PROGRAM_TESTS.map((folder) => `${folder}/*.test.ts`),
          // These run the built program.
          globalSetup: ['test/support/build.ts'],
        },
      },
    ],
  },
});
