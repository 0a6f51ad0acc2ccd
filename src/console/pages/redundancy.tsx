import { useState } from 'preact/hooks';
import type { ValidationAnswer } from '../../operations/redundancy-commands.ts';
import { durationText, labelOf } from '../../operations/views/format.ts';
import type { SrpCallLossStatisticsData } from '../../operations/views/srp/srp-call-loss-statistics.ts';
import type { SrpCheckpointStatisticsData } from '../../operations/views/srp/srp-checkpoint-statistics.ts';
import type { SrpInfoData } from '../../operations/views/srp/srp-info.ts';
import type { SrpMonitorData } from '../../operations/views/srp/srp-monitor.ts';
import { modeWords, stateWords } from '../../operations/views/srp/words.ts';
import { holdsRole, post } from '../api.ts';
import { countText, timeText } from '../format.ts';
import { Badge, Empty, type Field, Fields, Panel, Problem, Table } from '../parts/basics.tsx';
import { Conditions } from '../parts/conditions.tsx';
import { StateMachine } from '../parts/state-machine.tsx';
import { Switchover } from '../parts/switchover.tsx';
import { usePolled } from '../poll.ts';

const intervalMs = 1500;
const slowMs = 3000;

/** Both chassis of the pair and the link between them; on a chassis that is alone, how to make it one of a pair. */
export function RedundancyPage() {
  const info = usePolled<SrpInfoData>('/v1/show/srp/info', {}, intervalMs);
  if (info.problem?.kind === 'refused') {
    return (
      <Empty
        what="This chassis is alone."
        next="A service-redundancy-protocol block on both makes two of them a pair."
      />
    );
  }
  if (info.data === undefined) return <Problem of={info} />;
  return <Pair data={info.data} />;
}

function Pair({ data }: { data: SrpInfoData }) {
  const { local, configuration } = data;
  return (
    <div class="panels">
      <Panel title="State">
        <StateMachine data={data} />
        <p>
          <b>{stateWords[local.state]}</b> since {timeText(local.since)}
          {local.sinceSeconds === null ? '' : ` (${durationText(local.sinceSeconds)})`}, because: <b>{local.reason}</b>
        </p>
        {local.state === 'INIT' && local.limitSeconds !== null && (
          <p class="note warning">
            Its peer may have the newer sessions, and is waited for, for {durationText(local.limitSeconds)} more. If it
            is not to come back: <code>srp serve-alone</code>
          </p>
        )}
      </Panel>
      <Panel title="Is a switchover safe?">
        <Readiness chassis={local.name} serves={local.serves} />
      </Panel>
      <Panel title="Configuration of both">
        <p>
          <Badge
            verdict={
              configuration.status === 'equal' ? 'good' : configuration.status === 'different' ? 'warning' : 'unknown'
            }
          >
            {configuration.status}
          </Badge>{' '}
          <span class="quiet">
            {configuration.comparedSeconds === null
              ? ''
              : `compared ${durationText(configuration.comparedSeconds)} ago`}
          </span>
        </p>
        {configuration.differences.length > 0 && (
          <ul class="plain">
            {configuration.differences.map((line) => (
              <li key={line}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Both chassis" wide>
        <SideBySide data={data} />
      </Panel>
      <Monitors />
      <Instances />
      <Panel title="What it went through" wide>
        <Table
          label="State history"
          rows={data.history}
          keyOf={({ time, from, to }) => `${time} ${from} ${to}`}
          empty={<Empty what="Nothing yet." />}
          columns={[
            { title: 'Time', of: ({ time }) => timeText(time) },
            { title: 'From', of: ({ from }) => stateWords[from] },
            { title: 'To', of: ({ to }) => stateWords[to] },
            { title: 'Because', of: ({ reason }) => reason },
            { title: 'Term', of: ({ term }) => term, numeric: true },
          ]}
        />
      </Panel>
      <Losses />
    </div>
  );
}

function SideBySide({ data: { local, peer, connection } }: { data: SrpInfoData }) {
  const ready = (is: boolean | null) =>
    is === null ? null : <Badge verdict={is ? 'good' : 'warning'}>{is ? 'ready' : 'not ready'}</Badge>;
  const mine: Field[] = [
    ['State', stateWords[local.state]],
    ['Mode', `${modeWords[local.mode]}, priority ${local.priority}`],
    ['Address', local.address],
    ['Term', local.term],
    ['Sessions', countText(local.sessions)],
    ['Records held', countText(local.records)],
    ['Unprotected', countText(local.unprotectedSessions)],
    ['As a standby', local.state === 'ACTIVE' ? 'serves' : ready(local.ready)],
    ['Route modifier', local.routeModifier],
  ];
  const other: Field[] = [
    ['State', peer.state === null ? <Badge verdict="critical">not heard</Badge> : stateWords[peer.state]],
    ['Mode', peer.mode === null ? null : `${modeWords[peer.mode]}, priority ${peer.priority}`],
    ['Address', peer.address],
    ['Term', peer.term],
    ['Sessions', peer.sessions === null ? null : countText(peer.sessions)],
    ['Last hello', peer.lastHelloSeconds === null ? 'never' : `${durationText(peer.lastHelloSeconds)} ago`],
    ['Monitors', peer.monitorsHealthy === null ? null : peer.monitorsHealthy ? 'healthy' : 'a failure'],
    ['As a standby', peer.state === 'ACTIVE' ? 'serves' : ready(peer.ready)],
    ['Clock', peer.clockSkewMs === null ? null : `${peer.clockSkewMs} ms ahead`],
  ];
  return (
    <>
      <div class="pair">
        <div>
          <h3>{local.name} (this one)</h3>
          <Fields of={mine} />
        </div>
        <div>
          <h3>{peer.name ?? 'peer'}</h3>
          <Fields of={other} />
        </div>
      </div>
      <p class="quiet">
        {connection.state === 'connected'
          ? `Connected since ${timeText(connection.since)}, version ${connection.version}`
          : `Not connected: ${connection.reason}`}
      </p>
    </>
  );
}

/** The checklist of a planned switchover; made when it is asked for, because it is noted by the chassis. */
function Readiness({ chassis, serves }: { chassis: string; serves: boolean }) {
  const [validation, setValidation] = useState<ValidationAnswer>();
  const [problem, setProblem] = useState<string>();
  const check = async () => {
    const answer = await post<ValidationAnswer>('/v1/srp/validate-switchover');
    if (answer.kind === 'data') setValidation(answer.data);
    setProblem(answer.kind === 'data' ? undefined : answer.kind === 'refused' ? answer.refusal.what : 'No answer.');
  };
  return (
    <>
      <div class="actions">
        <button type="button" onClick={() => void check()}>
          Check now
        </button>
        {serves && holdsRole('operate') && <Switchover chassis={chassis} />}
      </div>
      {problem !== undefined && <p class="note warning">{problem}</p>}
      {validation === undefined ? (
        <Empty what="Not checked yet." next="It changes nothing." />
      ) : (
        <>
          <p role="status">
            <Badge verdict={validation.passed ? 'good' : 'critical'}>
              {validation.passed ? 'ready for a planned switchover' : 'not ready for a planned switchover'}
            </Badge>
          </p>
          <Conditions of={validation.conditions} />
        </>
      )}
    </>
  );
}

function Monitors() {
  const monitors = usePolled<SrpMonitorData>('/v1/show/srp/monitor', {}, slowMs);
  const { data } = monitors;
  return (
    <Panel title="What this chassis watches" wide>
      <Problem of={monitors} />
      <Table
        label="Monitors"
        rows={data?.targets ?? []}
        keyOf={({ kind, name, target }) => `${kind} ${name} ${target}`}
        empty={data === undefined ? null : <Empty what="Nothing." next="Monitors are configured under monitors." />}
        columns={[
          { title: 'Kind', of: ({ kind }) => kind },
          { title: 'Target', of: ({ name, target }) => `${name} ${target}` },
          {
            title: 'State',
            of: ({ healthy }) => <Badge verdict={healthy ? 'good' : 'critical'}>{healthy ? 'up' : 'down'}</Badge>,
          },
          { title: 'Asked', of: ({ sent }) => countText(sent), numeric: true },
          { title: 'Answered', of: ({ answered }) => countText(answered), numeric: true },
          { title: 'Missed in a row', of: ({ missed }) => countText(missed), numeric: true },
        ]}
      />
      {data?.authProbeFail === true && (
        <p class="note warning">
          The AAA probe causes no switchover until its flag is reset: <code>srp reset-auth-probe-fail</code>
        </p>
      )}
      {data !== undefined && data.guardRemainingSeconds !== null && (
        <p class="note">
          {durationText(data.guardRemainingSeconds)} of the guard period are left: a failure acts after{' '}
          {data.dampingPeriodSeconds} s
        </p>
      )}
    </Panel>
  );
}

/** Each session manager and its stream, as a letter and a colour. */
function Instances() {
  const statistics = usePolled<SrpCheckpointStatisticsData>(
    '/v1/show/srp/checkpoint/statistics',
    { verbose: '' },
    slowMs,
  );
  return (
    <Panel title="Session managers" wide>
      <Problem of={statistics} />
      <Table
        label="Session managers"
        rows={statistics.data?.instances ?? []}
        keyOf={({ instance }) => String(instance)}
        empty={null}
        columns={[
          { title: 'Instance', of: ({ instance }) => instance, numeric: true },
          { title: 'State', of: ({ state }) => state },
          {
            title: 'Peer',
            of: ({ peerConnection }) => (
              <Badge
                verdict={peerConnection === 'Ready' ? 'good' : peerConnection === 'Connected' ? 'warning' : 'critical'}
              >
                {peerConnection}
              </Badge>
            ),
          },
          { title: 'Sessions', of: ({ calls }) => countText(calls), numeric: true },
          { title: 'Records', of: ({ records }) => countText(records), numeric: true },
          { title: 'Unprotected', of: ({ unprotected }) => countText(unprotected), numeric: true },
          {
            title: 'Lag',
            of: ({ lagRecords, lagMs }) => (lagRecords === null ? null : `${lagRecords} records, ${lagMs} ms`),
          },
        ]}
      />
    </Panel>
  );
}

function Losses() {
  const losses = usePolled<SrpCallLossStatisticsData>('/v1/show/srp/call-loss/statistics', {}, slowMs);
  return (
    <Panel title="Switchovers, and what was lost" wide>
      <Problem of={losses} />
      <Table
        label="Switchovers"
        rows={losses.data?.promotions ?? []}
        keyOf={({ time }) => time}
        empty={<Empty what="This chassis has not taken the role since its start." />}
        columns={[
          { title: 'Time', of: ({ time }) => timeText(time) },
          { title: 'Because', of: ({ reason }) => reason },
          {
            title: 'Peer had',
            of: ({ peerSessions }) => (peerSessions === null ? null : countText(peerSessions)),
            numeric: true,
          },
          { title: 'Records', of: ({ records }) => countText(records), numeric: true },
          { title: 'Sessions', of: ({ sessions }) => (sessions === null ? null : countText(sessions)), numeric: true },
          {
            title: 'Lost',
            of: ({ lost }) => (lost === 0 ? '0' : <Badge verdict="critical">{countText(lost)}</Badge>),
            numeric: true,
          },
          { title: 'Took', of: ({ totalMs }) => `${totalMs} ms`, numeric: true },
          { title: 'State', of: ({ state }) => state },
          {
            title: 'Stages',
            of: ({ stages }) =>
              stages.map(({ stage, tookMs, failure }) => `${labelOf(stage)} ${failure ?? `${tookMs} ms`}`).join(' · '),
            wraps: true,
          },
        ]}
      />
    </Panel>
  );
}
