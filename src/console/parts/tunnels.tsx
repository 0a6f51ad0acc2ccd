import { useState } from 'preact/hooks';
import type { PathAnswer } from '../../operations/commands/check-path.ts';
import type { ForwardingData } from '../../operations/views/forwarding.ts';
import type { MtuSuspicion, TunnelMtu } from '../../operations/views/forwarding-mtu.ts';
import { holdsRole, post } from '../api.ts';
import { countText } from '../format.ts';
import { hashOf } from '../place.ts';
import { usePolled } from '../poll.ts';
import { Badge, type Column, Command, Empty, Problem, Table, type Verdict } from './basics.tsx';

const intervalMs = 3000;
/** With very many tunnels the list of all costs the gateway a look at each. */
const allIntervalMs = 15_000;
/** Longer than the gateway looks. */
const checkLimitMs = 30_000;

const suspicions: Readonly<Record<MtuSuspicion, string>> = {
  fragments: 'its packets come in fragments: the network between carries less',
  limit: 'full, and longer packets go on coming: their senders do not hear of it',
};

const columns: readonly Column<TunnelMtu>[] = [
  {
    title: 'Other end',
    of: ({ side, peer }) =>
      side === 's2a' ? peer : <a href={hashOf({ page: 'subscribers', query: { filter: `peer=${peer}` } })}>{peer}</a>,
  },
  { title: 'Side', of: ({ side }) => (side === 's2a' ? 'LMA' : 'access') },
  { title: 'MTU', of: ({ mtu }) => mtu, numeric: true },
  { title: 'Longest in', of: ({ longestReceived }) => longestReceived, numeric: true },
  { title: 'Longest out', of: ({ longestSent }) => longestSent, numeric: true },
  { title: 'Too long', of: ({ tooLong }) => countText(tooLong), numeric: true },
  { title: 'Fragments in', of: ({ fragmentsReceived }) => fragmentsReceived, numeric: true },
  {
    title: 'Long packets',
    of: ({ suspicion }) =>
      suspicion === null ? (
        <Badge verdict="unknown">nothing seen</Badge>
      ) : (
        <Badge verdict="warning">{suspicions[suspicion]}</Badge>
      ),
    wraps: true,
  },
  { title: 'What passes', of: ({ peer }) => <PathCheck address={peer} />, wraps: true },
];

/** What packets say of the tunnels to access nodes and LMAs, those with a suspicion first; of the ones that are named, or of all. */
export function Tunnels({ peers }: { peers?: readonly string[] }) {
  if (peers === undefined) return <TunnelTable />;
  return peers.map((peer) => <TunnelTable key={peer} peer={peer} />);
}

function TunnelTable({ peer }: { peer?: string }) {
  const query: Record<string, string> = peer === undefined ? { mtu: '' } : { mtu: '', peer };
  const forwarding = usePolled<ForwardingData>(
    '/v1/show/forwarding',
    query,
    peer === undefined ? allIntervalMs : intervalMs,
  );
  const mtu = forwarding.data?.mtu ?? undefined;
  const next = peer === undefined ? 'They appear here with their first packet.' : <PathCheck address={peer} />;
  return (
    <>
      <Problem of={forwarding} />
      {mtu !== undefined && (
        <Table
          label={`Tunnels${peer === undefined ? '' : ` of ${peer}`}`}
          rows={mtu.tunnels}
          keyOf={({ side, peer: other }) => `${side} ${other}`}
          empty={
            <Empty
              what={`No packet has come or gone by a tunnel${peer === undefined ? '' : ` of ${peer}`}.`}
              next={next}
            />
          }
          columns={columns}
        />
      )}
      {mtu !== undefined && mtu.tunnels.length < mtu.total && (
        <p class="quiet">
          The first {countText(mtu.tunnels.length)} of {countText(mtu.total)};{' '}
          <Command text="show forwarding mtu peer ADDRESS" /> has any.
        </p>
      )}
    </>
  );
}

const verdicts: Readonly<Record<PathAnswer['verdict'], Verdict>> = {
  ok: 'good',
  warning: 'warning',
  fault: 'critical',
  unknown: 'unknown',
};

/** Has the gateway find out by ping what reaches an address: what swallows long packets without a word is found by nothing else. */
function PathCheck({ address }: { address: string }) {
  const [state, setState] = useState<PathAnswer | string>();
  if (!holdsRole('operate')) return <Command text={`path check ${address}`} />;
  const check = async () => {
    setState('Sending packets …');
    const answer = await post<PathAnswer>('/v1/path/check', { address }, checkLimitMs);
    if (answer.kind === 'data') setState(answer.data);
    else setState(answer.kind === 'refused' ? `${answer.refusal.what}. ${answer.refusal.hint}.` : 'No answer.');
  };
  return (
    <>
      <button type="button" onClick={() => void check()} aria-label={`Check the path to ${address}`}>
        Check the path
      </button>{' '}
      <span role="status">
        {typeof state === 'object' ? (
          <>
            <Badge verdict={verdicts[state.verdict]}>{state.found}</Badge>
            {state.advice === null ? null : <span class="next"> {state.advice}</span>}
          </>
        ) : (
          state
        )}
      </span>
    </>
  );
}
