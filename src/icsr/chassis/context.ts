import type { Context } from '../../kernel/context.ts';
import type { ChassisOptions } from './options.ts';

/** What a step of the chassis may know of the world: time, chance, the options, and what it says of itself in a hello. */
export interface ChassisContext extends Context {
  readonly options: ChassisOptions;
  /** Sessions, or records of them, held now. */
  readonly sessions: number;
  readonly configurationDigest: Uint8Array;
}
