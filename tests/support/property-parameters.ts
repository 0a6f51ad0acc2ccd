/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The seed of all properties where CI is set: a landing must not depend on luck. */
const ciSeed = 1;

/** A number of the environment, undefined where it is not set. Throws on what is not an integer from `least` to 2^31 - 1. */
function integerOf(environment: Environment, name: string, least: number): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 0x7fffffff) {
    throw new Error(`${name} is ${text}, not an integer from ${least} to ${0x7fffffff}`);
  }
  return value;
}

/**
 * The seed that every property of a test file starts with: SAMOG_PROPERTY_SEED to repeat one, a fixed one where CI is set,
 * otherwise one by chance, which fast-check reports with a failure. `random` gives numbers from 0 to 1, as Math.random.
 */
export function propertyParameters(environment: Environment, random: () => number): { readonly seed: number } {
  const asked = integerOf(environment, 'SAMOG_PROPERTY_SEED', -0x80000000);
  if (asked !== undefined) return { seed: asked };
  const inCi = environment['CI'] !== undefined && environment['CI'] !== '' && environment['CI'] !== 'false';
  return { seed: inCi ? ciSeed : Math.floor(random() * 0x80000000) };
}

/** How many times the runs that a property asks for are made: SAMOG_PROPERTY_TIMES, for a hunt; otherwise 1. */
export function timesAsManyRuns(environment: Environment): number {
  return integerOf(environment, 'SAMOG_PROPERTY_TIMES', 1) ?? 1;
}
