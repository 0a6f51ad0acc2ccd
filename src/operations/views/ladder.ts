import { formatMac } from '../../kernel/address.ts';
import { withPauses } from '../../kernel/in-parts.ts';
import type { FoundEvents } from '../event-log.ts';
import { type Ladder, ladderOf } from '../ladder/ladder.ts';
import { mermaidLines } from '../ladder/ladder-mermaid.ts';
import { ladderLines, stepLegend } from '../ladder/ladder-text.ts';
import { integerArgument } from './arguments.ts';
import { eventsWanted, sinceOption } from './events.ts';
import { refuse, shown, type View, type ViewArguments } from './view.ts';

export interface LadderData extends Ladder {
  /** Null: of all subscribers. */
  readonly mac: string | null;
  readonly format: string;
  /** For how many columns its text is. */
  readonly width: number;
}

const formats = ['text', 'mermaid'];
const limitDefault = 100;
const limitMax = 1000;
const widthDefault = '110';

function limitOf(args: ViewArguments) {
  return integerArgument('limit', args['limit'] ?? String(limitDefault), 1, limitMax);
}

/** Costs what a look at the ring of events costs, like `show events`. */
export const ladder: View<LadderData, FoundEvents | undefined> = {
  words: ['ladder'],
  summary: 'the messages and decisions about one subscriber or all, drawn between those who took part',
  role: 'view',
  options: [
    { name: 'mac', value: 'ADDRESS', description: 'only those of this subscriber', completion: 'mac' },
    { name: 'filter', value: 'FILTER', description: 'only events that it matches, as of show events' },
    sinceOption,
    {
      name: 'format',
      value: 'FORMAT',
      description: 'text, or mermaid for tickets and wikis; text if left out',
      choices: formats,
    },
    { name: 'limit', value: 'N', description: `of the last N events, 1 to ${limitMax}; ${limitDefault} if left out` },
    {
      name: 'width',
      value: 'COLUMNS',
      description: `how wide the text may be, 40 to 400; ${widthDefault} if left out`,
    },
  ],
  async survey({ events, pause }, at, args) {
    const wanted = eventsWanted(at, args);
    const limit = limitOf(args);
    return wanted.ok && limit.ok
      ? withPauses(events.searchInParts({ ...wanted.data, limit: limit.value }), pause)
      : undefined;
  },
  build: (source, at, args, surveyed) => {
    const wanted = eventsWanted(at, args);
    if (!wanted.ok) return wanted;
    const { mac } = wanted.data;
    const limit = limitOf(args);
    if (!limit.ok) return limit;
    const width = integerArgument('width', args['width'] ?? widthDefault, 40, 400);
    if (!width.ok) return width;
    const format = args['format'] ?? 'text';
    if (!formats.includes(format)) {
      return refuse('bad-argument', 'there is no such format', `use ${formats.join(' or ')}`);
    }
    const found = surveyed ?? source.events.search({ ...wanted.data, limit: limit.value });
    const drawn = ladderOf(found.found, at);
    return shown({ mac: mac === undefined ? null : formatMac(mac), format, width: width.value, ...drawn });
  },
  render: (data) => {
    if (data.format === 'mermaid') return mermaidLines(data);
    const whose = data.mac === null ? 'All subscribers' : `Subscriber ${data.mac}`;
    const first = data.rungs[0];
    if (first === undefined) return [`${whose}: no event is remembered`];
    return [
      `${whose}, from ${first.time} on; ! after a pause of a second`,
      ...stepLegend(data.rungs),
      ...ladderLines(data, data.width),
    ];
  },
};
