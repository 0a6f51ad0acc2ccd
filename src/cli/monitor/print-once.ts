import { mermaidLines } from '../../operations/ladder/ladder-mermaid.ts';
import { ladderLines, stepLegend } from '../../operations/ladder/ladder-text.ts';
import { ladderOfRows } from '../../operations/monitor/event-rows.ts';
import { monitor as monitorView } from '../../operations/views/monitor.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import type { MonitorSource } from './monitor-source.ts';

const widthDefault = 110;

/** What a monitor would show, once: for tickets and scripts. */
export async function printOnce(
  source: MonitorSource,
  filter: string,
  mac: string | undefined,
  format: string,
): Promise<{ readonly data: unknown } | { readonly lines: readonly string[] }> {
  if (mac === undefined && format !== 'mermaid') {
    const data = await source.subscribers(filter);
    return format === 'json' ? { data } : { lines: monitorView.render(data) };
  }
  const { events } = await source.events(mac, filter, 0);
  const ladder = ladderOfRows(events);
  if (format === 'json') return { data: { mac, ...ladder, events } };
  if (format === 'mermaid') return { lines: mermaidLines(ladder) };
  if (events.length > 0) {
    return { lines: [...stepLegend(ladder.rungs), ...ladderLines(ladder, process.stdout.columns ?? widthDefault)] };
  }
  throw new CommandError(
    exitCode.notFound,
    `nothing of ${mac} is in the events`,
    'samog explain subscriber tells more',
  );
}
