import { ipv4Of } from '../../kernel/address.ts';
import type { Station } from '../../peers/actor.ts';
import { magLinkLayerAddress } from '../../peers/wlc.ts';
import { encodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { bindingStatus } from '../../wire/pmipv6/constants.ts';
import { encodeUdpPacket } from '../../wire/udp/udp.ts';
import type { Scenario } from '../scenario.ts';
import { dataBothWays, decided, established, message, moves, pbaTo, pbuFrom, withSessionAddress } from './expected.ts';

/** What must not happen, and what the others are told when something fails. */

export const deniedNoTwanProfile: Scenario = {
  name: 'denied-no-twan-profile',
  title: 'PMIPv6 to EoGRE without a DHCP-trigger TWAN profile: denied, and counted',
  lab: { dhcpTwanProfile: false },
  steps: (lab) => [
    {
      number: 1,
      text: 'a PMIPv6-triggered session is up, without a UE-MAC flow',
      seenBy: established(lab, 'pmipv6', { eogreFlow: false }),
    },
    { number: 2, text: 'the UE moves to an RG', seenBy: moves('rg1') },
    { number: 3, text: 'the RG forwards its DHCPDISCOVER', seenBy: message('access', 'DHCPDISCOVER', 'samog', 'rg1') },
    { number: 4, text: 'SaMOG denies the handover', seenBy: decided('handover-denied') },
    { number: 5, text: 'the UE goes back, and data flows as before', seenBy: dataBothWays('wlc1'), after: 4 },
  ],
  play: async (stage) => {
    const { lab, ue } = stage;
    await stage.attach(lab.wlc1);
    lab.move(ue, lab.rg1, 'dhcp-discover');
    await stage.until(() => stage.watcher.hasSeen(4), 'the denial');
    stage.expect(stage.path()?.peer === lab.wlc1.address, 'the path was switched');
    stage.expect(stage.counter('handoff.pmip-to-eogre.denied') >= 1, 'the denial was not counted');
    stage.expect(stage.counter('handoff.pmip-to-eogre.accepted') === 0, 'a handover was accepted');
    lab.move(ue, lab.wlc1, 'dhcp-request');
    await stage.until(() => ue.dhcpState === 'Bound', 'the UE back at its WLC');
    await stage.measureTraffic(60);
  },
};

export const spoofedDataTrigger: Scenario = {
  name: 'spoofed-data-trigger',
  title: 'A forger sends data in a UE’s name through an RG: the session stays where it is',
  steps: (lab) => [
    { number: 1, text: 'a PMIPv6-triggered session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the forger’s packet comes through an RG', seenBy: message('access', 'data', 'samog', 'rg1') },
    { number: 3, text: 'SaMOG denies the handover', seenBy: decided('handover-denied') },
    { number: 4, text: 'the UE’s data flows as before', seenBy: dataBothWays('wlc1'), after: 3 },
  ],
  play: async (stage) => {
    const { lab, ue } = stage;
    await stage.attach(lab.wlc1);
    await stage.startTraffic();
    const before = stage.session();
    const forger: Station = { mac: ue.mac, toStation: () => stage.failures.push('the forger heard something') };
    // The UE's MAC address, but another source address: only the one who holds both is the UE.
    const source = ipv4Of((ue.address ?? 0) + 1);
    const datagram = { sourcePort: 9, destinationPort: 9, payload: new Uint8Array(8) };
    const header = { destination: magLinkLayerAddress, source: ue.mac, vlan: undefined, etherType: etherType.ipv4 };
    lab.rg1.associate(forger);
    lab.rg1.fromStation(
      forger,
      encodeEthernet(header, encodeUdpPacket({ source, destination: lab.host.address }, datagram)),
    );
    lab.poke();
    await stage.until(() => stage.watcher.hasSeen(3), 'the denial');
    await stage.measureTraffic(60);
    stage.expect(stage.session() === before, 'the session was touched');
    stage.expect(stage.counter('handoff.denied.spoofed') === 1, 'the forgery was not counted');
  },
};

export const aaaReject: Scenario = {
  name: 'aaa-reject',
  title: 'The AAA server rejects a UE: the WLC is told 129, administratively prohibited',
  steps: () => [
    { number: 1, text: 'the WLC sends a PBU', seenBy: pbuFrom('wlc1') },
    { number: 2, text: 'SaMOG asks the AAA server', seenBy: message('samog', 'Access-Request', 'aaa') },
    { number: 3, text: 'the AAA server rejects', seenBy: message('aaa', 'Access-Reject', 'samog') },
    { number: 4, text: 'SaMOG rejects the PBU', seenBy: pbaTo('wlc1', bindingStatus.administrativelyProhibited) },
  ],
  play: async (stage) => {
    stage.lab.aaa.policy = () => ({ kind: 'reject' });
    stage.lab.move(stage.ue, stage.lab.wlc1, 'dhcp-discover');
    await stage.until(() => stage.watcher.complete, 'the rejection');
    stage.expect(stage.ue.address === undefined, 'the UE has an address');
    stage.expect(stage.session() === undefined, 'a session was left behind');
  },
};

export const lmaDown: Scenario = {
  name: 'lma-down',
  title: 'The LMA is silent: SaMOG asks again, then the WLC is told 130, insufficient resources',
  steps: () => [
    { number: 1, text: 'the WLC sends a PBU', seenBy: pbuFrom('wlc1') },
    { number: 2, text: 'the AAA server accepts', seenBy: message('aaa', 'Access-Accept', 'samog') },
    { number: 3, text: 'SaMOG registers with the LMA', seenBy: message('samog', 'PBU', 'lma') },
    { number: 4, text: 'SaMOG asks again', seenBy: message('samog', 'PBU', 'lma'), after: 3 },
    { number: 5, text: 'SaMOG gives up', seenBy: decided('session-failed') },
    { number: 6, text: 'SaMOG rejects the PBU', seenBy: pbaTo('wlc1', bindingStatus.insufficientResources) },
  ],
  play: async (stage) => {
    stage.lab.lma.down = true;
    stage.lab.move(stage.ue, stage.lab.wlc1, 'silent');
    await stage.until(() => stage.watcher.complete, 'the rejection');
    stage.expect(stage.session() === undefined, 'a session was left behind');
  },
};

export const poolEmpty: Scenario = {
  name: 'pool-empty',
  title: 'The LMA has no address left: the second UE is refused, the first is not disturbed',
  lab: { pool: '10.45.0.0/30' },
  steps: (lab) => [
    { number: 1, text: 'the first UE has the only address', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the WLC sends a PBU for a second UE', seenBy: pbuFrom('wlc1'), after: 1 },
    {
      number: 3,
      text: 'the LMA refuses',
      seenBy: (seen) =>
        seen.from === 'lma' && seen.what === 'PBA' && seen.status === bindingStatus.insufficientResources,
      after: 2,
    },
    { number: 4, text: 'SaMOG passes it on', seenBy: pbaTo('wlc1', bindingStatus.insufficientResources), after: 3 },
    { number: 5, text: 'the first UE’s data flows as before', seenBy: dataBothWays('wlc1'), after: 4 },
  ],
  play: async (stage) => {
    const { lab } = stage;
    await stage.attach(lab.wlc1);
    const second = lab.newUe();
    lab.move(second, lab.wlc1, 'silent');
    await stage.until(() => stage.watcher.hasSeen(4), 'the refusal');
    await stage.measureTraffic(60);
    stage.expect(stage.session(second) === undefined, 'a session was left behind');
  },
};

export const releaseDiscover: Scenario = {
  name: 'release-discover',
  title: 'A UE releases its address and comes back: the same address, the same session',
  steps: (lab) => [
    { number: 1, text: 'a DHCP-triggered session is up', seenBy: established(lab, 'dhcp', { eogreFlow: true }) },
    { number: 2, text: 'the UE releases its address', seenBy: message('access', 'DHCPRELEASE', 'samog', 'rg1') },
    { number: 3, text: 'SaMOG keeps it for the grace time', seenBy: decided('address-released') },
    {
      number: 4,
      text: 'the UE sends DHCPDISCOVER',
      seenBy: message('access', 'DHCPDISCOVER', 'samog', 'rg1'),
      after: 3,
    },
    {
      number: 5,
      text: 'the UE has the same address again',
      seenBy: withSessionAddress(lab, message('access', 'DHCPACK', 'ue', 'rg1')),
      after: 4,
    },
    { number: 6, text: 'data flows both ways', seenBy: dataBothWays('rg1'), after: 5 },
  ],
  play: async (stage) => {
    const { lab, ue } = stage;
    await stage.attach(lab.rg1);
    const before = ue.address;
    stage.tell((at) => ue.release(at));
    await stage.until(() => stage.watcher.hasSeen(3), 'the release');
    stage.tell((at) => ue.discover(at));
    await stage.until(() => ue.dhcpState === 'Bound', 'an address');
    stage.expect(ue.address === before, 'the address is another');
    await stage.measureTraffic(60);
    stage.expect(stage.counter('session.setup') === 1, 'the session is another');
  },
};
