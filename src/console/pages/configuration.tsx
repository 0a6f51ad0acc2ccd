import type { SamogServiceData } from '../../operations/views/samog-service.ts';
import type { SrpInfoData } from '../../operations/views/srp/srp-info.ts';
import type { TwanProfileData } from '../../operations/views/twan-profile.ts';
import { countText } from '../format.ts';
import { Badge, Empty, Fields, Panel, Problem } from '../parts/basics.tsx';
import { usePolled } from '../poll.ts';

const intervalMs = 10_000;

/** What the gateway runs with. */
export function ConfigurationPage() {
  const service = usePolled<SamogServiceData>('/v1/show/samog-service', {}, intervalMs);
  const profiles = usePolled<TwanProfileData>('/v1/show/twan-profile', {}, intervalMs);
  const pair = usePolled<SrpInfoData>('/v1/show/srp/info', {}, intervalMs);
  const { data } = service;
  return (
    <>
      <p class="note">
        This page is for reading: the configuration is changed in its file, and read at the start of the gateway.{' '}
        <code>samog check FILE</code> tells beforehand, with line and column, what is wrong with it.
      </p>
      <div class="panels">
        <Panel title="Service">
          <Problem of={service} />
          {data !== undefined && (
            <Fields
              of={[
                ['Chassis', data.chassis],
                ['SaMOG service', data.service],
                ['CGW service', data.cgwService],
                ['MRME service', data.mrmeService],
                ['DHCP service', data.dhcpService],
                ['Sessions at most', countText(data.sessions.max)],
                ['Handover between access types', data.handover.enable ? 'enabled' : 'disabled'],
                ['Guard time', `${data.handover.guardTimeMs} ms`],
                ['Data-triggered switches', `at most ${data.handover.ratePerMinute} a minute and session`],
              ]}
            />
          )}
        </Panel>
        <Panel title="TWAN profiles">
          <Problem of={profiles} />
          <Fields
            of={(profiles.data?.profiles ?? []).map(({ name, accessType, sessionTrigger, clients }) => [
              name,
              `${accessType}, trigger ${sessionTrigger}, ${clients.join(', ')}`,
            ])}
          />
        </Panel>
        <Panel title="The same on both chassis?">
          {pair.data === undefined ? (
            <Empty what={pair.problem?.kind === 'refused' ? 'This chassis is alone.' : 'Asking the gateway …'} />
          ) : (
            <>
              <Badge verdict={pair.data.configuration.status === 'equal' ? 'good' : 'warning'}>
                {pair.data.configuration.status}
              </Badge>
              {pair.data.configuration.differences.map((line) => (
                <p key={line}>
                  <code>{line}</code>
                </p>
              ))}
            </>
          )}
        </Panel>
      </div>
    </>
  );
}
