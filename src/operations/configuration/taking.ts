import { parse, stringify } from 'yaml';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { parseConfig } from '../config/parse.ts';
import type { Problem } from '../config/problem.ts';
import { configSchema } from '../config/schema.ts';
import { type Effect, type SchemaNode, treeOf, withEmptyMappings } from '../config/schema-tree.ts';
import { type SettingChange, settingChanges } from './change.ts';
import { below, isMapping } from './entries.ts';
import { obstaclesToTaking } from './obstacles.ts';

/** What a running gateway would make of a configuration. */
export type Taking =
  | {
      readonly ok: true;
      /** What the gateway would run with: the settings that it can take, and of the others those that it has. */
      readonly config: GatewayConfig;
      /** The same as a file would say it. */
      readonly text: string;
      /** Against what it runs with now. Those whose effect is `restart` wait for the next start. */
      readonly changes: readonly SettingChange[];
      /** Why settings wait that others of their kind do not; empty if none do. */
      readonly reasons: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const tree = treeOf(configSchema);

/**
 * What a running gateway would take of a configuration, and what would wait for the next start.
 *
 * @param running what it runs with: a valid file's text
 * @param wanted a file's text
 * @param fileName how problems call it
 */
export function takingOf(running: string, wanted: string, fileName: string): Taking {
  const parsed = parseConfig(wanted, fileName);
  if (!parsed.ok) return parsed;
  const before = parseConfig(running, fileName);
  if (!before.ok) return before;
  const [have, want] = [running, wanted].map((text) => withEmptyMappings(tree, parse(text)));
  const obstacles = obstaclesToTaking(before.config, parsed.config);
  const held = (path: string): boolean => obstacles.some((obstacle) => obstacle.path === path);
  const changes = settingChanges(have, want).map((change) =>
    obstacles.some(({ path }) => change.path === path || change.path.startsWith(`${path}.`))
      ? { ...change, effect: 'restart' as const }
      : change,
  );
  const reasons = obstacles.map(({ why }) => why);
  if (changes.every(({ effect }) => effect === 'hot')) {
    return { ok: true, config: parsed.config, text: wanted, changes, reasons };
  }
  const text = stringify(merged(tree, have, want, 'restart', '', held), { lineWidth: 0 });
  const mixed = parseConfig(text, fileName);
  if (mixed.ok) return { ok: true, config: mixed.config, text, changes, reasons };
  // Some that could be taken make no sense without those that cannot.
  const waiting = changes.map((change) => ({ ...change, effect: 'restart' as const }));
  const why = 'the settings that could be taken at once go only together with those that cannot';
  return { ok: true, config: before.config, text: running, changes: waiting, reasons: [...reasons, why] };
}

/** As `settingChanges`, of readable texts. */
export function changesOfTexts(before: string, after: string): SettingChange[] {
  return settingChanges(parse(before), parse(after));
}

/** What is hot as it is wanted, all else as it is. */
function merged(
  node: SchemaNode,
  have: unknown,
  want: unknown,
  inherited: Effect,
  path: string,
  held: (path: string) => boolean,
): unknown {
  const effect = node.effect ?? inherited;
  if (held(path)) return have;
  if (node.kind !== 'mapping' || (have === undefined && want === undefined)) return effect === 'hot' ? want : have;
  const isThere = effect === 'hot' ? want !== undefined : have !== undefined || node.fallback !== undefined;
  if (!isThere) return undefined;
  const [former, latter] = [isMapping(have) ? have : {}, isMapping(want) ? want : {}];
  const entries = [...node.entries].flatMap(([key, child]) => {
    const value = merged(child, former[key], latter[key], effect, below(path, key), held);
    return value === undefined ? [] : [[key, value] as const];
  });
  return entries.length === 0 && have === undefined && effect !== 'hot' ? undefined : Object.fromEntries(entries);
}
