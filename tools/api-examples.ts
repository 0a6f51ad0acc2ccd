import { viewOperation } from '../src/operations/api/operations.ts';
import { explainSubscriber } from '../src/operations/explain/explain-subscriber.ts';
import { views } from '../src/operations/views/registry.ts';
import { type ViewSource, viewed } from '../src/operations/views/view.ts';
import { pairSource } from '../tests/operations/pair-source.ts';
import { sampleAlarms } from '../tests/operations/sample-alarms.ts';
import { sampleNotifications } from '../tests/operations/sample-notifications.ts';
import { busySource, macOfText, moment } from '../tests/operations/view-source.ts';

/** Of a list so many are shown. */
const rowsMax = 2;

/** What each operation that reads answers, by its path, as the gateways of the tests do: the first two rows of each list. */
export async function apiExamples(): Promise<ReadonlyMap<string, unknown>> {
  const sample = { alarms: sampleAlarms(), notifications: sampleNotifications };
  const sources: readonly ViewSource[] = [
    { ...busySource(), ...sample },
    { ...pairSource('active'), ...sample },
  ];
  const found = new Map<string, unknown>();
  for (const view of views.filter(({ role }) => role !== 'intercept')) {
    const { path } = viewOperation(view);
    for (const source of sources) {
      const outcome = await viewed(view, source, () => moment, {});
      if (outcome.ok && !found.has(path)) found.set(path, shortened(outcome.data));
    }
  }
  found.set(
    '/v1/explain/subscriber',
    shortened(explainSubscriber(sources[0]!, moment, macOfText('02:00:5e:11:22:33'))),
  );
  return found;
}

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, rowsMax).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one)]));
}
