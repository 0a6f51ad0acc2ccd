import type { ThresholdConfig } from './notifications-config.ts';
import type { ConfigFile } from './schema.ts';

/** One of `above` and `below` is given: the checks have seen to it. */
export function toThreshold(file: ConfigFile['thresholds'][number]): ThresholdConfig {
  const { name, metric: selector, above, below, for: forMs, severity } = file;
  const common = { name, selector, forMs, severity };
  if (above !== undefined)
    return { ...common, direction: 'above', limit: above, clearAt: file['clear-below'] ?? above };
  const limit = below ?? 0;
  return { ...common, direction: 'below', limit, clearAt: file['clear-above'] ?? limit };
}
