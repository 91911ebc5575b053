// What the tests of every package share: ES modules, TypeScript through swc, other packages read from their sources.
/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["@chain/source", "node", "node-addons"] },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  // Relative imports are written with `.js`, as Node needs them after the build.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        sourceMaps: "inline",
        module: { type: "es6" },
        jsc: {
          target: "es2022",
          parser: { syntax: "typescript" },
          keepClassNames: true,
          transform: { useDefineForClassFields: false },
        },
      },
    ],
  },
};
