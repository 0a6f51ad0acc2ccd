import { durationText, labelOf } from '../../operations/views/format.ts';
import type { HistoryData } from '../../operations/views/history.ts';
import type { OverviewData, OverviewRates } from '../../operations/views/overview.ts';
import { amountText, bitsText, countText, rateText, shareText, timeText } from '../format.ts';
import { overview } from '../gateway-state.ts';
import { Badge, Command, Empty, Fields, Panel } from '../parts/basics.tsx';
import { Chart } from '../parts/chart.tsx';
import { place, refine } from '../place.ts';
import { usePolled } from '../poll.ts';

const historyIntervalMs = 10_000;

/** What somebody who is woken at night asks, in that order. */
export function OverviewPage() {
  const data = overview.value;
  if (data === undefined) return <Empty what="Asking the gateway …" />;
  const { pmipv6, dhcp, current, max } = data.sessions;
  return (
    <div class="panels">
      <Panel title="Is traffic flowing?">
        <Traffic now={data.rates} before={data.ratesDayBefore} />
      </Panel>
      <Panel title="Are new phones getting in?">
        <Attaches data={data} />
      </Panel>
      <Panel title="Is the pair protected?">
        <Protection pair={data.pair} />
      </Panel>
      <Panel title="Which side is at fault?">
        <ul class="sides">
          {data.sides.map(({ side, verdict, evidence, seeAlso }) => (
            <li key={side}>
              <Badge verdict={verdict}>{side === 'aaa' || side === 'lma' ? side.toUpperCase() : side}</Badge>
              <span>
                {evidence} {verdict !== 'good' && <Command text={seeAlso} />}
              </span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="How many subscribers?">
        <p class="figure">{countText(current)}</p>
        <p>
          PMIPv6 {countText(pmipv6)} · EoGRE {countText(dhcp)} · room for {countText(max)}
        </p>
        <p class="quiet">Up for {durationText(data.uptimeSeconds)}</p>
      </Panel>
      <Panel title="What changed in the last hour?">
        {data.changes.length === 0 ? (
          <Empty what="Nothing." />
        ) : (
          <ul class="changes">
            {data.changes.slice(0, 8).map(({ time, ageSeconds, what }) => (
              <li key={`${time} ${what}`}>
                <time dateTime={time}>{timeText(time)}</time> ({durationText(ageSeconds)} ago) {what}
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Needs attention" wide>
        <Attention data={data} />
      </Panel>
      <Charts />
    </div>
  );
}

function Traffic({ now, before }: { now: OverviewRates | null; before: OverviewRates | null }) {
  if (now === null) return <Empty what="Not known yet." next="The gateway has just been started." />;
  return (
    <>
      <p class="figure">
        ↑ {rateText(now.uplinkPackets)} <span class="unit">packets/s</span>
      </p>
      <p class="figure">
        ↓ {rateText(now.downlinkPackets)} <span class="unit">packets/s</span>
      </p>
      <Fields
        of={[
          ['Bits', `↑ ${bitsText(now.uplinkOctets)}, ↓ ${bitsText(now.downlinkOctets)}`],
          ['Dropped', `${rateText(now.droppedPackets)} packets/s`],
          [
            'A day ago',
            before === null
              ? 'not remembered'
              : `↑ ${rateText(before.uplinkPackets)}, ↓ ${rateText(before.downlinkPackets)} packets/s`,
          ],
        ]}
      />
    </>
  );
}

function Attaches({ data: { rates, ratesDayBefore, denials } }: { data: OverviewData }) {
  if (rates === null) return <Empty what="Not known yet." next="The gateway has just been started." />;
  const { attached, refused, handoversAccepted, handoversDenied } = rates;
  const first = denials[0];
  return (
    <>
      <p class="figure">
        {shareText(attached, attached + refused)} <span class="unit">of attaches succeed</span>
      </p>
      <Fields
        of={[
          ['Attaches', `${rateText(attached)}/s, ${rateText(refused)}/s refused`],
          [
            'Handovers',
            `${rateText(handoversAccepted)}/s, ${shareText(handoversAccepted, handoversAccepted + handoversDenied)} succeed`,
          ],
          ['A day ago', ratesDayBefore === null ? 'not remembered' : `${rateText(ratesDayBefore.attached)} attaches/s`],
          [
            'Most refused for',
            first === undefined
              ? 'nothing in the last hour'
              : `${labelOf(first.reason)}, ${countText(first.count)} times`,
          ],
        ]}
      />
    </>
  );
}

function Protection({ pair }: { pair: OverviewData['pair'] }) {
  if (pair === null) {
    return <Empty what="This chassis is alone." next="A service-redundancy-protocol block makes it one of a pair." />;
  }
  const { lastSwitchover: last } = pair;
  const isProtected = pair.standbyReady && pair.unprotectedSessions === 0;
  return (
    <>
      <p>
        <Badge verdict={isProtected ? 'good' : pair.standbyReady ? 'warning' : 'critical'}>
          {pair.standbyReady ? 'standby ready' : 'standby not ready'}
        </Badge>
      </p>
      <Fields
        of={[
          ['This chassis', `${pair.state}, since ${timeText(pair.since)}, because: ${pair.because}`],
          ['Peer', `${pair.peer ?? 'any'}: ${pair.peerState ?? 'not heard'}`],
          ['Unprotected', amountText(pair.unprotectedSessions, 'session')],
          ['Lag', pair.lagRecords === null ? null : amountText(pair.lagRecords, 'record')],
          ['Last switchover', last === null ? 'none' : `${durationText(last.atSeconds)} ago, ${last.reason}`],
          ['Lost by it', pair.callsLost === null ? null : amountText(pair.callsLost, 'session')],
        ]}
      />
    </>
  );
}

function Attention({ data: { alarms, denials } }: { data: OverviewData }) {
  if (alarms.length + denials.length === 0)
    return <Empty what="Nothing. No alarm stands, and nobody was refused in the last hour." />;
  return (
    <ul class="attention">
      {alarms.map(({ alarm, about, severity, meaning, seeAlso }) => (
        <li key={`${alarm} ${about}`}>
          <Badge verdict={severity}>{alarm}</Badge> {about} {meaning} <Command text={seeAlso} />
        </li>
      ))}
      {denials.map(({ what, reason, count, meaning }) => (
        <li key={`${what} ${reason}`}>
          <Badge verdict="warning">{`${what === 'attach' ? amountText(count, 'attach', 'attaches') : amountText(count, 'handover')} refused`}</Badge>{' '}
          <b>{reason}</b>: {meaning}
        </li>
      ))}
    </ul>
  );
}

const spans = ['10m', '1h', '24h'];

/** Six small charts with one cursor. */
function Charts() {
  const span = place.value.query['span'] ?? '1h';
  const { data } = usePolled<HistoryData>('/v1/show/history', { span }, historyIntervalMs);
  const values = (name: string) => data?.series.find((series) => series.name === name)?.values ?? [];
  const times = data?.times ?? [];
  const line = (label: string, name: string) => ({ label, values: values(name) });
  return (
    <section class="panel wide" aria-labelledby="charts">
      <div class="row">
        <h2 id="charts">How it was</h2>
        <fieldset class="choices" aria-label="How far back">
          {spans.map((each) => (
            <button key={each} type="button" aria-pressed={each === span} onClick={() => refine({ span: each })}>
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      {data !== undefined && times.length === 0 ? (
        <Empty what="No point yet." next="One comes every few seconds." />
      ) : (
        <div class="charts">
          <Chart
            title="Sessions"
            unit=""
            times={times}
            lines={[line('all', 'sessions'), line('PMIPv6', 'sessionsPmip'), line('EoGRE', 'sessionsEogre')]}
          />
          <Chart
            title="Attaches"
            unit="a second"
            times={times}
            lines={[line('done', 'attached'), line('refused', 'refused')]}
          />
          <Chart
            title="Handovers"
            unit="a second"
            times={times}
            lines={[line('accepted', 'handoversAccepted'), line('denied', 'handoversDenied')]}
          />
          <Chart
            title="Traffic"
            unit="packets a second"
            times={times}
            lines={[line('up', 'uplinkPackets'), line('down', 'downlinkPackets'), line('dropped', 'droppedPackets')]}
          />
          <Chart
            title="AAA and LMA"
            unit="answers a second"
            times={times}
            lines={[line('accepted', 'aaaAccepts'), line('rejected', 'aaaRejects'), line('timed out', 'aaaTimeouts')]}
          />
          <Chart
            title="Checkpoint lag, loop stall"
            unit="ms"
            times={times}
            lines={[line('lag', 'checkpointLagMs'), line('stall p99', 'eventLoopP99Ms')]}
          />
        </div>
      )}
    </section>
  );
}
