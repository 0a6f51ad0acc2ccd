import type { AlarmData, AlarmHistoryData, AlarmsData } from '../../operations/views/alarms.ts';
import type { EventsData } from '../../operations/views/events.ts';
import { durationText } from '../../operations/views/format.ts';
import { amountText, countText, timeText } from '../format.ts';
import { Acknowledge } from '../parts/acknowledge.tsx';
import { Badge, type Column, Command, Empty, Panel, Problem, Table } from '../parts/basics.tsx';
import { place, refine, subscriberLink } from '../place.ts';
import { usePolled } from '../poll.ts';

const intervalMs = 1500;
const slowMs = 5000;
const limit = '200';

/** Alarms that stand, with what acknowledges them; those that are over; and the events of the gateway. */
export function EventsPage() {
  const alarms = usePolled<AlarmsData>('/v1/show/alarms', {}, intervalMs);
  const over = usePolled<AlarmHistoryData>('/v1/show/alarms/history', { limit: '20' }, slowMs);
  const columns: readonly Column<AlarmData>[] = [
    ...aboutAlarm,
    {
      title: 'Taken by',
      of: ({ number, acknowledged }) =>
        acknowledged === null ? (
          <Acknowledge number={number} done={alarms.refresh} />
        ) : (
          `${acknowledged.by}, ${timeText(acknowledged.time)}${acknowledged.note === null ? '' : `: ${acknowledged.note}`}`
        ),
    },
  ];
  return (
    <>
      <Panel title="Alarms that stand" wide>
        <Problem of={alarms} />
        <Table
          label="Alarms"
          rows={alarms.data?.alarms ?? []}
          keyOf={({ alarm, about }) => `${alarm} ${about}`}
          empty={alarms.data === undefined ? null : <Empty what="None." />}
          columns={columns}
        />
      </Panel>
      <Panel title="Alarms that are over" wide>
        <Problem of={over} />
        <Table
          label="Alarms that are over"
          rows={over.data?.alarms ?? []}
          keyOf={({ number }) => String(number)}
          empty={over.data === undefined ? null : <Empty what="None since the start." />}
          columns={[
            ...aboutAlarm,
            { title: 'Cleared', of: ({ cleared }) => timeText(cleared) },
            { title: 'Taken by', of: ({ acknowledged }) => acknowledged?.by },
          ]}
        />
      </Panel>
      <Stream />
    </>
  );
}

const aboutAlarm: readonly Column<AlarmData>[] = [
  { title: 'Severity', of: ({ severity }) => <Badge verdict={severity}>{severity}</Badge> },
  { title: 'Alarm', of: ({ alarm }) => <b>{alarm}</b> },
  { title: 'About', of: ({ about }) => about },
  {
    title: 'Raised',
    of: ({ raised, ageSeconds }) =>
      raised === null ? null : `${timeText(raised)} (${durationText(ageSeconds ?? 0)} ago)`,
  },
  {
    title: 'Meaning',
    wraps: true,
    of: ({ meaning, advice, seeAlso }) => (
      <>
        {meaning}
        <details>
          <summary>What to do</summary>
          {advice} <Command text={seeAlso} />
        </details>
      </>
    ),
  },
  {
    title: 'Touches',
    wraps: true,
    of: ({ touches }) =>
      touches.sessions === null ? touches.what : `${amountText(touches.sessions, 'session')}: ${touches.what}`,
  },
];

const arrows: Readonly<Record<string, string>> = { received: '←', sent: '→', internal: '◆' };

/** The last events that the filter matches; it is the gateway's, of `show events`. */
function Stream() {
  const { mac = '', filter = '' } = place.value.query;
  const query = { limit, ...(mac === '' ? {} : { mac }), ...(filter === '' ? {} : { filter }) };
  const events = usePolled<EventsData>('/v1/show/events', query, intervalMs);
  const rows = (events.data?.events ?? []).toReversed();
  const submit = (event: Event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    refine({ mac: String(fields.get('mac') ?? '').trim(), filter: String(fields.get('filter') ?? '').trim() });
  };
  return (
    <Panel title="Events" wide>
      <form class="filter" onSubmit={submit} key={`${mac} ${filter}`}>
        <label>
          MAC address
          <input name="mac" defaultValue={mac} placeholder="all" autocomplete="off" spellcheck={false} />
        </label>
        <label>
          Filter
          <input
            name="filter"
            defaultValue={filter}
            placeholder="kind=refusal,timer party=aaa age<5m"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <button type="submit">Apply</button>
        <p class="quiet" role="status">
          {countText(rows.length)} shown, {countText(events.data?.kept ?? 0)} kept, {countText(events.data?.total ?? 0)}{' '}
          since the start
        </p>
      </form>
      <Problem of={events} />
      <Table
        label="Events"
        rows={rows}
        keyOf={({ number }) => String(number)}
        empty={events.data === undefined ? null : <Empty what="No event that is remembered is like this." />}
        columns={[
          { title: 'Time', of: ({ time }) => <time dateTime={time ?? ''}>{timeText(time)}</time> },
          { title: 'Subscriber', of: ({ mac: of }) => (of === null ? null : <a href={subscriberLink(of)}>{of}</a>) },
          { title: 'From or to', of: ({ direction, party, peer }) => `${arrows[direction]} ${party} ${peer ?? ''}` },
          { title: 'Event', of: ({ name }) => <code>{name}</code> },
          { title: 'What', of: ({ text }) => text, wraps: true },
        ]}
      />
    </Panel>
  );
}
