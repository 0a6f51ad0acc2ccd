import { useState } from 'preact/hooks';
import { parseIp } from '../../kernel/address.ts';
import type { CgwServiceData } from '../../operations/views/cgw-service.ts';
import { labelOf } from '../../operations/views/format.ts';
import type { ForwardingData } from '../../operations/views/forwarding.ts';
import type { MrmeServiceData } from '../../operations/views/mrme-service.ts';
import type { SamogServiceStatistics } from '../../operations/views/samog-service-statistics.ts';
import type { SocketsData } from '../../operations/views/sockets.ts';
import type { TwanProfileData } from '../../operations/views/twan-profile.ts';
import { countText } from '../format.ts';
import { matchOf } from '../match-profile.ts';
import { Badge, Empty, Fields, Panel, Problem, Table } from '../parts/basics.tsx';
import { ResidentialGateways } from '../parts/gateways.tsx';
import { Tunnels } from '../parts/tunnels.tsx';
import { place, refine } from '../place.ts';
import { usePolled } from '../poll.ts';

const intervalMs = 3000;

/** Access nodes, and those on the other side: who may come in, and what is refused. */
export function AccessPage() {
  const profiles = usePolled<TwanProfileData>('/v1/show/twan-profile', {}, 30_000);
  const statistics = usePolled<SamogServiceStatistics>('/v1/show/samog-service/statistics', {}, intervalMs);
  const { node = '' } = place.value.query;
  const found = parseIp(node) === undefined ? undefined : node;
  return (
    <div class="panels">
      <Panel title="TWAN profiles" wide>
        <Problem of={profiles} />
        {profiles.data !== undefined && <Profiles of={profiles.data} />}
      </Panel>
      <Panel title="Residential gateways" wide>
        <ResidentialGateways />
      </Panel>
      <Panel title="Tunnels to access nodes and LMAs" wide>
        <Tunnels {...(found === undefined ? {} : { peers: [found] })} />
      </Panel>
      <Panel title="Handovers" wide>
        <Problem of={statistics} />
        {statistics.data !== undefined && <Handovers of={statistics.data} />}
      </Panel>
      <Panel title="Why packets were dropped">
        <Drops />
      </Panel>
      <Panel title="Why attaches and handovers were refused">
        {statistics.data !== undefined && (
          <Reasons
            label="Refusals"
            counts={named('', { ...statistics.data.mrme.setupFailures, ...statistics.data.handoffs.denials })}
            none="Nobody was refused since the start."
          />
        )}
      </Panel>
      <Core />
      <Ports />
    </div>
  );
}

function Profiles({ of: { profiles, eogreFlowsInstalled } }: { of: TwanProfileData }) {
  const node = place.value.query['node'] ?? '';
  const [typed, setTyped] = useState(node);
  const found = matchOf(profiles, node);
  const submit = (event: Event) => {
    event.preventDefault();
    refine({ node: typed.trim() });
  };
  return (
    <>
      <form class="filter" onSubmit={submit}>
        <label>
          Which profile does an access node match?
          <input
            value={typed}
            placeholder="198.51.100.7"
            autocomplete="off"
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <button type="submit">Look</button>
        {node !== '' && (
          <p role="status">
            {parseIp(node) === undefined ? (
              <Badge verdict="unknown">{`${node} is no address`}</Badge>
            ) : found === undefined ? (
              <Badge verdict="critical">{`no profile has ${node}: its packets are dropped`}</Badge>
            ) : (
              <Badge verdict={found.profile.associated ? 'good' : 'critical'}>
                {`${found.profile.name}, because ${found.client} is the longest prefix that has it${found.profile.associated ? '' : '; but it is not associated with the MRME service'}`}
              </Badge>
            )}
          </p>
        )}
      </form>
      <Table
        label="TWAN profiles"
        rows={profiles}
        keyOf={({ name }) => name}
        empty={<Empty what="There is no TWAN profile." next="Without one every access node is unknown." />}
        columns={[
          {
            title: 'Profile',
            of: ({ name }) => <b class={name === found?.profile.name ? 'lit' : undefined}>{name}</b>,
          },
          { title: 'Access', of: ({ accessType }) => accessType },
          { title: 'Trigger', of: ({ sessionTrigger }) => sessionTrigger },
          { title: 'Clients', of: ({ clients }) => clients.join(', ') },
          { title: 'RADIUS clients', of: ({ radiusClients }) => radiusClients.join(', ') || 'none' },
          {
            title: 'In use',
            of: ({ associated }) => (
              <Badge verdict={associated ? 'good' : 'warning'}>{associated ? 'yes' : 'no'}</Badge>
            ),
          },
        ]}
      />
      <p class="quiet">
        PMIPv6 to EoGRE handovers are{' '}
        {eogreFlowsInstalled ? 'possible' : 'denied: no profile with trigger dhcp is in use'}.
      </p>
    </>
  );
}

function Handovers({ of: { handoffs } }: { of: SamogServiceStatistics }) {
  const rows = Object.entries(handoffs.kinds);
  return (
    <Table
      label="Handovers"
      rows={rows}
      keyOf={([kind]) => kind}
      empty={null}
      columns={[
        { title: 'From and to', of: ([kind]) => labelOf(kind) },
        { title: 'Received', of: ([, { received }]) => countText(received), numeric: true },
        { title: 'Accepted', of: ([, { accepted }]) => countText(accepted), numeric: true },
        { title: 'Denied', of: ([, { denied }]) => countText(denied), numeric: true },
        { title: 'Under way', of: ([, { inProgress }]) => countText(inProgress), numeric: true },
      ]}
    />
  );
}

/** Counts with labels. */
function named(prefix: string, counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([reason, count]) => [prefix + labelOf(reason), count] as const);
}

/** What was counted, the most first; what was not is left out. */
function Reasons({
  label,
  counts,
  none,
}: {
  label: string;
  counts: readonly (readonly [reason: string, count: number])[];
  none: string;
}) {
  const rows = counts.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return (
    <Table
      label={label}
      rows={rows}
      keyOf={([reason]) => reason}
      empty={<Empty what={none} />}
      columns={[
        { title: 'Reason', of: ([reason]) => reason },
        { title: 'Since the start', of: ([, count]) => countText(count), numeric: true },
      ]}
    />
  );
}

function Drops() {
  const forwarding = usePolled<ForwardingData>('/v1/show/forwarding', { drops: '' }, intervalMs);
  const drops = forwarding.data?.drops;
  if (drops === undefined || drops === null) return <Problem of={forwarding} />;
  return (
    <Reasons
      label="Dropped packets"
      counts={[...named('↑ ', drops.dropped.uplink), ...named('↓ ', drops.dropped.downlink)]}
      none="No packet was dropped since the start."
    />
  );
}

/** AAA servers and LMAs: without them nobody comes in. */
function Core() {
  const mrme = usePolled<MrmeServiceData>('/v1/show/mrme-service', {}, intervalMs);
  const cgw = usePolled<CgwServiceData>('/v1/show/cgw-service', {}, intervalMs);
  const ago = (seconds: number | null) => (seconds === null ? 'never' : `${countText(seconds)} s ago`);
  return (
    <>
      <Panel title="AAA servers" wide>
        <Problem of={mrme} />
        <Table
          label="AAA servers"
          rows={mrme.data?.servers ?? []}
          keyOf={({ name }) => name}
          empty={null}
          columns={[
            { title: 'Server', of: ({ name }) => name },
            { title: 'Address', of: ({ address, port }) => `${address}:${port}` },
            {
              title: 'State',
              of: ({ state }) => <Badge verdict={state === 'up' ? 'good' : 'critical'}>{state}</Badge>,
            },
            { title: 'Sent', of: ({ sent }) => countText(sent), numeric: true },
            { title: 'Accepted', of: ({ accepted }) => countText(accepted), numeric: true },
            { title: 'Rejected', of: ({ rejected }) => countText(rejected), numeric: true },
            { title: 'Time-outs', of: ({ timeouts }) => countText(timeouts), numeric: true },
            { title: 'Last answer', of: ({ lastResponseSeconds }) => ago(lastResponseSeconds) },
          ]}
        />
      </Panel>
      <Panel title="LMAs" wide>
        <Problem of={cgw} />
        <Table
          label="LMAs"
          rows={cgw.data?.lmas ?? []}
          keyOf={({ address }) => address}
          empty={null}
          columns={[
            { title: 'LMA', of: ({ address, isDefault }) => `${address}${isDefault ? ' (default)' : ''}` },
            {
              title: 'State',
              of: ({ state }) => (
                <Badge verdict={state === 'up' ? 'good' : state === 'down' ? 'critical' : 'unknown'}>{state}</Badge>
              ),
            },
            { title: 'Last heard', of: ({ lastHeardSeconds }) => ago(lastHeardSeconds) },
          ]}
        />
      </Panel>
      {cgw.data !== undefined && (
        <Panel title="Tunnels" wide>
          <Fields
            of={[
              [
                'Access',
                `${cgw.data.access.address}, MTU ${cgw.data.access.mtu}, GRE over ${cgw.data.access.greTransport}`,
              ],
              ['S2a', `${cgw.data.s2a.address}, MTU ${cgw.data.s2a.mtu}, GRE over ${cgw.data.s2a.greTransport}`],
            ]}
          />
        </Panel>
      )}
    </>
  );
}

/** The channels of a port together. */
function Ports() {
  const sockets = usePolled<SocketsData>('/v1/show/sockets', {}, intervalMs);
  const ports = new Map<string, { received: number; sent: number; refused: number; dropped: number }>();
  for (const { port, packetsReceived, packetsSent, sendsRefused, kernelDrops } of sockets.data?.sockets ?? []) {
    const before = ports.get(port) ?? { received: 0, sent: 0, refused: 0, dropped: 0 };
    ports.set(port, {
      received: before.received + packetsReceived,
      sent: before.sent + packetsSent,
      refused: before.refused + sendsRefused,
      dropped: before.dropped + (kernelDrops ?? 0),
    });
  }
  return (
    <Panel title="Ports" wide>
      <Problem of={sockets} />
      <Table
        label="Ports"
        rows={[...ports]}
        keyOf={([port]) => port}
        empty={null}
        columns={[
          { title: 'Port', of: ([port]) => port },
          { title: 'Received', of: ([, { received }]) => countText(received), numeric: true },
          { title: 'Sent', of: ([, { sent }]) => countText(sent), numeric: true },
          { title: 'Not sent', of: ([, { refused }]) => countText(refused), numeric: true },
          {
            title: 'Dropped by the kernel',
            of: ([, { dropped }]) => (dropped === 0 ? '0' : <Badge verdict="warning">{countText(dropped)}</Badge>),
            numeric: true,
          },
        ]}
      />
    </Panel>
  );
}
