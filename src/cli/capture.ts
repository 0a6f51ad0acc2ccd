import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { viewOperation } from '../operations/api/operations.ts';
import { captureOf } from '../operations/capture/capture-file.ts';
import { plainCapturesOf } from '../operations/capture/plain-captures.ts';
import { wiresharkProfile } from '../operations/capture/wireshark-profile.ts';
import { type EventRow, type EventsData, events as eventsView } from '../operations/views/events.ts';
import type { MonitorFigures } from '../operations/views/monitor.ts';
import type { ViewArguments } from '../operations/views/view.ts';
import { ask, type GatewayOptions } from './ask.ts';
import type { Carried } from './carry-out.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { codeOf, writeNewFile } from './new-file.ts';
import { complain } from './output.ts';
import { projectVersion } from './version.ts';

const operation = viewOperation(eventsView);
const pageMax = 250;
const pollMs = 250;
const secondsMax = 3600;

/** Which events are wanted: of `show events`. */
export interface WantedEvents {
  readonly mac?: string;
  readonly filter?: string;
}

export interface GatheredEvents {
  readonly events: readonly EventRow[];
  /** Give it as `after` to go on. */
  readonly next: number;
  readonly figures: MonitorFigures;
  /** The gateway counts from 1 again: they are all that it knows. */
  readonly restarted: boolean;
}

/** All events after a number that the gateway still knows, with their messages, a page at a time. */
export async function gatherEvents(options: GatewayOptions, wanted: WantedEvents, after = 0): Promise<GatheredEvents> {
  const found: EventRow[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (let next = after; ; ) {
    const query = { ...wanted, after: String(next), limit: String(pageMax), octets: '' };
    const page = (await ask(options, operation, { query })) as EventsData;
    if (page.total < after) return { ...(await gatherEvents(options, wanted)), restarted: true };
    // What comes meanwhile is for the next time: the last page is behind the end as it was first seen.
    end = Math.min(end, page.total);
    found.push(...page.events);
    if (page.next >= end || page.next === next) {
      const { total, kept, keptMax, dropped } = page;
      return { events: found, next: page.next, figures: { total, kept, keptMax, dropped }, restarted: false };
    }
    next = page.next;
  }
}

/** `samog capture`: the messages of a subscriber, and the decisions among them, as a capture file. */
export async function capture(args: ViewArguments, options: GatewayOptions): Promise<Carried> {
  const { mac, filter, out } = args;
  if (out === undefined) throw new CommandError(exitCode.usage, 'no file is named', 'write out FILE.pcapng');
  const seconds = secondsOf(args['seconds'] ?? '0');
  const wanted = { ...(mac === undefined ? {} : { mac }), ...(filter === undefined ? {} : { filter }) };
  let gathered = await gatherEvents(options, wanted);
  const events = [...gathered.events];
  const droppedBefore = gathered.figures.dropped;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  if (seconds > 0) {
    complain(`samog: what comes within ${seconds} s is taken, too; Ctrl-C ends that, and what came is written`);
    process.once('SIGINT', end);
  }
  for (const endsAt = Date.now() + seconds * 1000; Date.now() < endsAt && !ended.signal.aborted; ) {
    const waitMs = Math.min(pollMs, Math.max(0, endsAt - Date.now()));
    await sleep(waitMs, undefined, { signal: ended.signal }).catch(() => {});
    gathered = await gatherEvents(options, wanted, gathered.next);
    events.push(...gathered.events);
  }
  process.off('SIGINT', end);
  const about = `events of ${mac ?? 'all subscribers'}${filter === undefined ? '' : `, ${filter}`}`;
  const plain = 'legs' in args ? plainCapturesOf(events) : undefined;
  const files = plain?.map(({ leg, packets, file }) => ({ file: fileOfLeg(out, leg), packets, content: file }));
  if (files === undefined) writeNewFile(out, captureOf(events, `samog ${projectVersion()}`, about));
  for (const { file, content } of files ?? []) writeNewFile(file, content);
  const profile = args['wireshark'];
  if (profile !== undefined) writeProfile(profile);
  const packets = events.filter(({ message }) => message !== null).length;
  const data = {
    file: files === undefined ? out : null,
    files: files?.map(({ file, packets: count }) => ({ file, packets: count })) ?? null,
    profile: profile ?? null,
    packets,
    events: events.length,
    dropped: Math.max(0, gathered.figures.dropped - droppedBefore),
  };
  const lines = () => [
    ...(data.files === null
      ? [`${out}: ${data.packets} packets, ${data.events - data.packets} other events as comments`]
      : [...data.files.map((one) => `${one.file}: ${one.packets} packets`), `Files: ${data.files.length}`]),
    ...(profile === undefined ? [] : [`${profile}: to have its columns, wireshark -C ${basename(profile)} -r ${out}`]),
    ...(data.dropped > 0 ? [`${data.dropped} events of all subscribers came too fast to be kept meanwhile`] : []),
  ];
  return { data, lines, exitCode: exitCode.done };
}

/** `ue.pcapng` of the leg `aaa`: `ue-aaa.pcap`. */
function fileOfLeg(out: string, leg: string): string {
  return `${out.replace(/\.pcap(ng)?$/, '')}-${leg}.pcap`;
}

/** Into a folder that is not there yet, such as ~/.config/wireshark/profiles/samog. */
function writeProfile(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const hint = 'name a folder that is not there yet, such as ~/.config/wireshark/profiles/samog';
    throw new CommandError(exitCode.refused, `cannot make ${folder}: ${codeOf(error)}`, hint);
  }
  for (const [name, text] of Object.entries(wiresharkProfile())) writeNewFile(join(folder, name), text);
}

function secondsOf(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= secondsMax) return seconds;
  throw new CommandError(exitCode.usage, `seconds is "${text.slice(0, 20)}"`, `use a number from 0 to ${secondsMax}`);
}
