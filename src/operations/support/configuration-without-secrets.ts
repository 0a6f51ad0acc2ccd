import { parse } from 'yaml';

/** Settings whose values are secret, by what their names have in common. */
const secretName = /secret|password|key|community|^url$/i;

/** Sections that are nobody's business who looks at how the gateway is doing: not even that they are there is told. */
const confidentialSections: ReadonlySet<string> = new Set(['lawful-intercept']);

/**
 * A configuration file as data, with no comments and no secrets: those are `(removed)`. Undefined if it is no YAML.
 */
export function configurationWithoutSecrets(text: string): unknown {
  try {
    const data: unknown = parse(text);
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return without(data);
    return without(Object.fromEntries(Object.entries(data).filter(([name]) => !confidentialSections.has(name))));
  } catch {
    return undefined;
  }
}

function without(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(without);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, secretName.test(name) ? '(removed)' : without(value)]),
  );
}

/** Whether a setting of this name is taken for a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}
