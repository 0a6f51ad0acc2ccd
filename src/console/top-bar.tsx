import { useEffect, useState } from 'preact/hooks';
import { timeToConfirm } from '../operations/configuration/reader.ts';
import type { OverviewData } from '../operations/views/overview.ts';
import { holdsRole, principal, silentSince } from './api.ts';
import { overview } from './gateway-state.ts';
import { Badge } from './parts/basics.tsx';
import { hashOf } from './place.ts';
import { usePolled } from './poll.ts';

const intervalMs = 2000;

/** Name, role, how it is, alarms and the time, on every page. */
export function TopBar() {
  const polled = usePolled<OverviewData>('/v1/show/overview', {}, intervalMs);
  useEffect(() => {
    if (polled.data !== undefined) overview.value = polled.data;
  }, [polled.data]);
  const data = overview.value;
  if (data === undefined) return <header class="bar">SaMOG gateway</header>;
  const { chassis, pair, health, alarms, unconfirmed = null } = data;
  const critical = alarms.filter(({ severity }) => severity === 'critical').length;
  const warnings = alarms.length - critical;
  const readOnly = principal.value !== null && !holdsRole('operate');
  return (
    <header class="bar">
      <strong class="name">{chassis}</strong>
      <span class="role">{pair === null ? 'alone' : pair.state}</span>
      {pair !== null && (
        <span class="peer">
          peer {pair.peer ?? ''} {pair.peerState ?? 'not heard'}
        </span>
      )}
      <span class="health" role="status">
        {silentSince.value === undefined
          ? health
          : 'No answer from this chassis: what is shown is what was known before.'}
      </span>
      <a class="alarms" href={hashOf({ page: 'events', query: {} })}>
        {alarms.length === 0 ? (
          <Badge verdict="good">no alarm</Badge>
        ) : (
          <Badge verdict={critical > 0 ? 'critical' : 'warning'}>
            {critical > 0 ? `${critical} critical${warnings > 0 ? `, ${warnings} more` : ''}` : `${warnings} alarms`}
          </Badge>
        )}
      </a>
      {unconfirmed !== null && (
        <a class="confirm" href={hashOf({ page: 'configuration', query: {} })}>
          <Badge verdict="warning">
            {holdsRole('configure') ? 'Confirm the commit' : 'A commit waits to be confirmed'}:{' '}
            {timeToConfirm(unconfirmed)} left
          </Badge>
        </a>
      )}
      {readOnly && <span title="You may look, and change nothing">🔒 read-only</span>}
      <Clock />
    </header>
  );
}

function Clock() {
  const [now, setNow] = useState(new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time class="clock">{now.toLocaleTimeString('en-GB')}</time>;
}
