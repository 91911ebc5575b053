/** @type {import("jest").Config} */
export default {
  // Time is no test's business; this only ends what hangs, on slow machines with software GPUs too.
  testTimeout: 180_000,
  // Every core, in processes that are renewed before the memory that tests leave behind adds up.
  maxWorkers: "100%",
  workerIdleMemoryLimit: "2GB",
  projects: ["<rootDir>/packages/*", "<rootDir>/apps/*"],
};
