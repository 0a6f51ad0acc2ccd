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
  if (mac !== undefined && format === 'text') return { lines: (await ladderOnce(source, filter, mac)).lines };
  const { events } = await source.events(mac, filter, 0);
  const ladder = ladderOfRows(events);
  return format === 'json' ? { data: { mac, ...ladder, events } } : { lines: mermaidLines(ladder) };
}

/** The ladder of one subscriber as it is now, as data and as text. @throws CommandError if nothing of it is remembered */
export async function ladderOnce(
  source: MonitorSource,
  filter: string,
  mac: string,
): Promise<{ readonly data: unknown; readonly lines: readonly string[] }> {
  const { events } = await source.events(mac, filter, 0);
  const ladder = ladderOfRows(events);
  if (events.length > 0) {
    const lines = [...stepLegend(ladder.rungs), ...ladderLines(ladder, process.stdout.columns ?? widthDefault)];
    return { data: { mac, ...ladder, events }, lines };
  }
  throw new CommandError(
    exitCode.notFound,
    `nothing of ${mac} is in the events`,
    'samog explain subscriber tells more',
  );
}
