/** From a logged request to a scenario that does the same: for bug reports and regression tests. */
export { type Capture, type CaptureOptions, captureTrace } from './capture.js';
