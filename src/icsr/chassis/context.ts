import type { Context } from '../../kernel/context.ts';
import type { ChassisOptions } from './options.ts';

/** What a step of the chassis may know of the world: time, the options, and what it says of itself in a hello. */
export interface ChassisContext extends Pick<Context, 'now' | 'wallClock'> {
  readonly options: ChassisOptions;
  /** Sessions, or records of them, held now. */
  readonly sessions: number;
  readonly configurationDigest: Uint8Array;
}
