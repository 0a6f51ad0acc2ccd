import type { Instant } from '../../kernel/instant.ts';
import { now } from '../clock.ts';

const nanosecondsPerMs = 1e6;

/** What the kernel's monotonic clock showed when the chassis's own showed 0, in nanoseconds. */
const beginning = Number(process.hrtime.bigint()) - now() * nanosecondsPerMs;

/** The kernel's monotonic clock at an instant of the gateway's, in nanoseconds. */
export function kernelTimeOf(instant: Instant): number {
  return beginning + instant * nanosecondsPerMs;
}

/** The instant at which the kernel's monotonic clock shows so many nanoseconds. */
export function instantOf(kernelTime: number): Instant {
  return (kernelTime - beginning) / nanosecondsPerMs;
}
