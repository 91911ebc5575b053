/** @type {import("jest").Config} */
export default {
  projects: ["<rootDir>/packages/*", "<rootDir>/apps/*"],
};
