import type { Scenario } from '../scenario.ts';
import {
  dataBothWays,
  decided,
  established,
  message,
  moves,
  pbaTo,
  pbuFrom,
  switched,
  withSessionAddress,
} from './expected.ts';

/** Handovers that the requirement counts or implies, but has no table for. */

export const pmipToPmip: Scenario = {
  name: 'pmip-to-pmip',
  title: 'From one WLC to another, by PBU',
  steps: (lab) => [
    { number: 1, text: 'a PMIPv6-triggered session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the UE moves to another WLC', seenBy: moves('wlc2') },
    { number: 3, text: 'the new WLC sends a PBU; its NAI is the UE’s MAC and a realm', seenBy: pbuFrom('wlc2') },
    { number: 4, text: 'SaMOG switches the path to the new WLC', seenBy: decided('path-switched') },
    { number: 5, text: 'SaMOG sends the PBA with the same address', seenBy: withSessionAddress(lab, pbaTo('wlc2', 0)) },
    { number: 6, text: 'data flows both ways through the new WLC', seenBy: dataBothWays('wlc2'), after: 5 },
    { number: 7, text: 'SaMOG sends a BRI to the old WLC', seenBy: message('samog', 'BRI', 'access', 'wlc1') },
    { number: 8, text: 'the old WLC acknowledges it', seenBy: message('access', 'BRA', 'samog', 'wlc1') },
    { number: 9, text: 'SaMOG cleans the old WLC’s session up', seenBy: decided('access-session-cleaned') },
  ],
  play: async (stage) => {
    await stage.attach(stage.lab.wlc1);
    await stage.handover(stage.lab.wlc2, 'silent');
    stage.expect(stage.counter('handoff.pmip-to-pmip.accepted') === 1, 'the handover was not counted');
  },
};

export const dhcpToDhcp: Scenario = {
  name: 'dhcp-to-dhcp',
  title: 'From one RG to another, by DHCPDISCOVER',
  steps: (lab) => [
    { number: 1, text: 'a DHCP-triggered session is up', seenBy: established(lab, 'dhcp', { eogreFlow: true }) },
    { number: 2, text: 'the UE moves to another RG, with a GRE key and a VLAN', seenBy: moves('rg2') },
    { number: 3, text: 'the UE sends DHCPDISCOVER', seenBy: message('ue', 'DHCPDISCOVER', 'access', 'rg2') },
    { number: 4, text: 'the RG forwards it in EoGRE', seenBy: message('access', 'DHCPDISCOVER', 'samog', 'rg2') },
    { number: 5, text: 'SaMOG switches the path to the new RG', seenBy: switched(lab, 'dhcp') },
    {
      number: 6,
      text: 'SaMOG offers the same address',
      seenBy: withSessionAddress(lab, message('samog', 'DHCPOFFER', 'access', 'rg2')),
    },
    {
      number: 7,
      text: 'the UE has its DHCPACK',
      seenBy: withSessionAddress(lab, message('access', 'DHCPACK', 'ue', 'rg2')),
    },
    { number: 8, text: 'data flows both ways through the new RG', seenBy: dataBothWays('rg2'), after: 7 },
  ],
  play: async (stage) => {
    await stage.attach(stage.lab.rg1);
    await stage.handover(stage.lab.rg2, 'dhcp-discover');
    stage.expect(stage.counter('handoff.dhcp-to-dhcp.accepted') === 1, 'the handover was not counted');
  },
};

export const pingPong: Scenario = {
  name: 'ping-pong',
  title: 'To and fro between a WLC and an RG, under traffic',
  steps: (lab) => {
    const toRg = switched(lab, 'dhcp');
    const toWlc = switched(lab, 'pmipv6');
    return [
      { number: 1, text: 'a session is up at the WLC', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
      { number: 2, text: 'the path is switched to the RG, by data', seenBy: toRg },
      { number: 3, text: 'the path is switched back to the WLC, by PBU', seenBy: toWlc, after: 2 },
      { number: 4, text: 'the path is switched to the RG again, by DHCPDISCOVER', seenBy: toRg, after: 3 },
      { number: 5, text: 'data flows both ways through the RG', seenBy: dataBothWays('rg1'), after: 4 },
      {
        number: 6,
        text: 'the WLC is told to forget the UE',
        seenBy: message('samog', 'BRI', 'access', 'wlc1'),
        after: 5,
      },
    ];
  },
  play: async (stage) => {
    const { wlc1, rg1 } = stage.lab;
    await stage.attach(wlc1);
    await stage.handover(rg1, 'data');
    await stage.handover(wlc1, 'silent');
    await stage.handover(rg1, 'dhcp-discover');
    stage.expect(stage.counter('session.setup') === 1, 'the session did not keep its identity');
    stage.expect(stage.counter('s2a.pbu.refresh.sent') === 0, 'the LMA was told of an access switch');
  },
};

export const lateDeregistration: Scenario = {
  name: 'late-deregistration',
  title: 'The WLC that was left deregisters the UE late, after it has moved to an RG',
  steps: (lab) => [
    { number: 1, text: 'a PMIPv6-triggered session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the UE moves to an RG', seenBy: moves('rg1') },
    { number: 3, text: 'SaMOG switches the path by data', seenBy: switched(lab, 'dhcp') },
    {
      number: 4,
      text: 'the old WLC deregisters the UE',
      seenBy: message('access', 'PBU lifetime 0', 'samog', 'wlc1'),
    },
    { number: 5, text: 'SaMOG takes it for late', seenBy: decided('late-deregistration') },
    { number: 6, text: 'SaMOG answers the WLC', seenBy: pbaTo('wlc1', 0), after: 5 },
    { number: 7, text: 'data still flows both ways through the RG', seenBy: dataBothWays('rg1'), after: 6 },
  ],
  play: async (stage) => {
    const { wlc1, rg1 } = stage.lab;
    wlc1.deregistration = { lateMs: 50 };
    wlc1.silentOnRevocation = true;
    await stage.attach(wlc1);
    await stage.handover(rg1, 'data');
    await stage.until(() => stage.watcher.hasSeen(6), 'the late deregistration');
    await stage.measureTraffic(100);
    const session = stage.session();
    stage.expect(
      session?.kind === 'Live' && session.durable.phase.kind === 'Established',
      'the late deregistration has done something to the session',
    );
  },
};
