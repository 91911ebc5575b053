export { readObservation, readObserved, releaseObservation, type Observation, type Observed } from "./observation.js";
export { getCurrentReporter, report, Reporter, reportScope } from "./reporter.js";
export { DictSummary, Summary, type Statistics } from "./summary.js";
