import { useState } from 'preact/hooks';
import { durationText } from '../../operations/views/format.ts';
import type { SoftgrePeer, SoftgrePeersData } from '../../operations/views/softgre-peers.ts';
import { get } from '../api.ts';
import { countText } from '../format.ts';
import { hashOf, place, refine } from '../place.ts';
import { usePolled } from '../poll.ts';
import { Badge, type Column, Command, Empty, Problem, Table } from './basics.tsx';

const path = '/v1/show/softgre/peers';
/** It costs the gateway a look at each tunnel. */
const intervalMs = 15_000;

const columns: readonly Column<SoftgrePeer>[] = [
  {
    title: 'RG',
    of: ({ peer }) => <a href={hashOf({ page: 'subscribers', query: { filter: `peer=${peer}` } })}>{peer}</a>,
  },
  { title: 'Profile', of: ({ profile }) => profile },
  { title: 'UEs', of: ({ subscribers }) => countText(subscribers), numeric: true },
  {
    title: 'Refused',
    of: ({ denied }) => (denied === 0 ? '0' : <Badge verdict="warning">{countText(denied)}</Badge>),
    numeric: true,
  },
  { title: 'Last event', of: ({ last }) => last?.name },
  {
    title: 'Ago',
    of: ({ last }) => (last === null || last.ageSeconds === null ? null : durationText(last.ageSeconds)),
  },
  { title: 'Tunnel', of: ({ suspicion }) => suspicion !== null && <Badge verdict="warning">{suspicion}</Badge> },
];

/** Residential gateways, the worst first, a page at a time however many there are. */
export function ResidentialGateways() {
  const { rgs = '' } = place.value.query;
  const submit = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('rgs') as HTMLInputElement;
    refine({ rgs: field.value.trim() });
  };
  return (
    <>
      <form class="filter" onSubmit={submit}>
        <label>
          Filter
          <input key={rgs} name="rgs" defaultValue={rgs} placeholder="denied>0 age<5m" autocomplete="off" />
        </label>
        <button type="submit">Apply</button>
      </form>
      <Listed key={rgs} query={rgs === '' ? {} : { filter: rgs }} />
    </>
  );
}

function Listed({ query }: { query: Readonly<Record<string, string>> }) {
  const first = usePolled<SoftgrePeersData>(path, query, intervalMs);
  const [later, setLater] = useState<readonly SoftgrePeersData[]>([]);
  const { data } = first;
  if (data === undefined) return <Problem of={first} />;
  const { matching, known, nextCursor } = later.at(-1) ?? data;
  // One that has got another place meanwhile is shown where it was met last.
  const rows = new Map([data, ...later].flatMap(({ peers }) => peers.map((row) => [row.peer, row])));
  const more = async () => {
    const answer = await get<SoftgrePeersData>(path, { ...query, cursor: nextCursor! });
    if (answer.kind === 'data') setLater([...later, answer.data]);
  };
  return (
    <>
      <Problem of={first} />
      <Table
        label="Residential gateways"
        rows={[...rows.values()]}
        keyOf={({ peer }) => peer}
        empty={<Empty what="No residential gateway is like this." />}
        columns={columns}
      />
      <p class="quiet">
        {countText(rows.size)} of {countText(matching)}; {countText(known)} are known.{' '}
        {nextCursor === null ? (
          <Command text="show softgre peers" />
        ) : (
          <button type="button" onClick={() => void more()}>
            More gateways
          </button>
        )}
      </p>
    </>
  );
}
