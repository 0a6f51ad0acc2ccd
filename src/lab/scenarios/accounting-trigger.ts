import { now } from '../../host/clock.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import { MeasuredTraffic } from '../../peers/measured-traffic.ts';
import { acctTerminateCause } from '../../wire/radius/constants.ts';
import type { Scenario } from '../scenario.ts';
import { radioOverlapMs, type Stage } from '../stage.ts';
import type { ExpectedStep } from '../step-watcher.ts';
import { bookedAccount, expectOneAccount } from './booked-account.ts';
import { dataBothWays, decided, message, recordAnswered, recordFrom } from './expected.ts';

const intervalMs = 2;
const windowMs = 80;
/** How long a packet may be on its way until it counts as lost. */
const drainMs = 60;

function steps(): readonly ExpectedStep[] {
  return [
    {
      number: 1,
      text: 'the access point gives the UE an address of its own',
      seenBy: message('access', 'DHCPACK', 'ue', 'ap1'),
    },
    { number: 2, text: 'and starts a session in its accounting', seenBy: recordFrom('ap1'), after: 1 },
    { number: 3, text: 'SaMOG asks AAA who that is', seenBy: message('samog', 'Access-Request', 'aaa'), after: 2 },
    { number: 4, text: 'and registers the UE with the LMA', seenBy: message('samog', 'PBU', 'lma'), after: 3 },
    { number: 5, text: 'the LMA gives an address', seenBy: message('lma', 'PBA', 'samog'), after: 4 },
    { number: 6, text: 'the session is up', seenBy: decided('session-established'), after: 5 },
    { number: 7, text: 'SaMOG answers the START', seenBy: recordAnswered('ap1'), after: 6 },
    { number: 8, text: 'data flows both ways, translated', seenBy: dataBothWays('ap1'), after: 7 },
    { number: 9, text: 'the next access point starts a session', seenBy: recordFrom('ap2'), after: 8 },
    { number: 10, text: 'SaMOG switches the path, and answers', seenBy: recordAnswered('ap2'), after: 9 },
    { number: 11, text: 'data flows both ways there', seenBy: dataBothWays('ap2'), after: 10 },
    {
      number: 12,
      text: 'the first access point stops its session: it is late, and answered only',
      seenBy: recordAnswered('ap1'),
      after: 9,
    },
    { number: 13, text: 'the UE goes, and the second stops its', seenBy: decided('handoff-waiting'), after: 12 },
    { number: 14, text: 'nobody starts it: the session ends', seenBy: decided('session-ended'), after: 13 },
    {
      number: 15,
      text: 'SaMOG ends its account at AAA',
      seenBy: message('samog', 'Accounting-Request', 'aaa'),
      after: 14,
    },
  ];
}

/** What the LMA gave the UE, which the UE does not know. */
function homeAddressOf(stage: Stage): Ipv4Address | undefined {
  const session = stage.session();
  return session?.kind === 'Live' ? (session.durable.addresses[0]?.address as Ipv4Address | undefined) : undefined;
}

export const accountingTrigger: Scenario = {
  name: 'accounting-trigger',
  title: 'an access point with addresses of its own: its accounting begins the session, which goes on at the next one',
  lab: { accountingTrigger: true },
  steps,
  play: async (stage) => {
    const { lab, ue } = stage;
    await stage.attach(lab.ap1);
    await stage.until(() => lab.ap1.accounting.answered.length === 1, 'the answer to the START');
    const session = stage.session();
    if (session?.kind !== 'Live') throw new Error('there is no session');
    const home = homeAddressOf(stage);
    stage.expect(home !== undefined && home !== ue.address, 'the UE has the address that the LMA gave');
    const traffic = new MeasuredTraffic(ue, lab.host, { intervalMs, reachedAt: () => home });
    lab.runs(traffic);
    const from = now();
    stage.tell((at) => traffic.start(at));
    await stage.pause(windowMs);
    await stage.until(() => stage.watcher.hasSeen(8), 'data both ways at ap1');
    lab.move(ue, lab.ap2, 'dhcp-request', radioOverlapMs);
    await stage.until(() => stage.path()?.peer === lab.ap2.address, 'the switch of the path to ap2');
    await stage.until(() => lab.ap1.accounting.answered.length === 2, 'the answer to the STOP of ap1');
    await stage.pause(windowMs);
    await stage.until(() => stage.watcher.hasSeen(11), 'data both ways at ap2');
    const to = now();
    await stage.pause(drainMs);
    stage.tell(() => traffic.stop());
    const { uplinkLost, downlinkLost } = await stage.drained(traffic, from, to);
    stage.expect(
      uplinkLost + downlinkLost === 0,
      `${uplinkLost} uplink and ${downlinkLost} downlink packets were lost`,
    );
    stage.expect(homeAddressOf(stage) === home, 'the session has another address at the LMA');
    stage.figures['packets'] = traffic.uplink.sent + traffic.downlink.sent;
    const usage = lab.gateway.manager.flows.usage(session.durable.id);
    stage.tell((at) => ue.leave(at));
    const booked = () => bookedAccount(stage, session.durable);
    await stage.until(() => booked()?.hasStopped === true, 'the STOP at AAA', 10_000);
    expectOneAccount(stage, booked(), acctTerminateCause.lostCarrier, usage);
  },
};
