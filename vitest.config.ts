/** One run for everything: unit tests beside their files, what crosses modules in tests/. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["contracts/**/*.test.ts", "services/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["tests/support/choose-servers.ts"],
    testTimeout: 20_000,
    // Most tests wait for servers, so two at a time on two cores; by default there would be one.
    maxWorkers: 2,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["contracts/src/**", "services/*/src/**"],
      exclude: ["**/generated/**", "**/*.test.ts"],
    },
  },
});
