/** @type {import("jest").Config} */
export default {
  // Time is no test's business; this only ends what hangs, on slow machines with software GPUs too.
  testTimeout: 180_000,
  projects: ["<rootDir>/packages/*", "<rootDir>/apps/*"],
};
