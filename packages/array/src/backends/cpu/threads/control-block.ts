/**
 * Where the threads of a pool meet: 32-bit words in the shared memory. What different threads write often lies on
 * different cache lines (16 words each).
 *
 * A job is cut into `CHUNKS` chunks. Opening a job stores that number in `REMAINING`; whoever then gets a positive number
 * `c` out of `Atomics.sub(REMAINING, 1)` owns chunk `CHUNKS - c`, and the job cannot end, nor its description change, before
 * that owner adds one to `FINISHED`. A thread that comes late gets zero or less and touches nothing. So no worker need be
 * there for a job to finish, and nobody waits for one to wake up.
 */
export const CONTROL = {
  /** Counts jobs; workers wait on it. */
  GENERATION: 0,
  /** How many workers sleep. */
  SLEEPERS: 1,
  /** How many workers have started. */
  READY: 2,
  /** 1 once workers shall end. */
  STOP: 3,
  REMAINING: 16,
  FINISHED: 32,
  /** 1 while the caller sleeps until `FINISHED` is complete. */
  CALLER_SLEEPS: 33,
  KERNEL: 48,
  KERNEL_POINTER: 49,
  KERNEL_BYTES: 50,
  /** Address of the arguments, or of a list of ranges. */
  ARGUMENTS: 51,
  COUNT: 52,
  CHUNK: 53,
  CHUNKS: 54,
  /** Size of the memory in pages when the job was opened. */
  PAGES: 55,
  /** 1 if `ARGUMENTS` is a list of ranges. */
  LISTED: 56,
  /** 1 if a worker's chunk failed; then the length of the message and its UTF-16 codes follow. */
  FAILED: 64,
  MESSAGE_LENGTH: 65,
  MESSAGE: 66,
} as const;

/** Longest message of a failure, in UTF-16 codes. */
export const MESSAGE_CAPACITY = 250;

/** Size of the control block. */
export const CONTROL_BYTES = 4 * (CONTROL.MESSAGE + MESSAGE_CAPACITY);
