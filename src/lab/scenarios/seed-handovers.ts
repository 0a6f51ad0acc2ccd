import type { Lab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { ExpectedStep } from '../step-watcher.ts';
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

/** The three handovers of the requirement, with the step numbers of its tables 1 to 3. */

const sessionByPbu = 'a PMIPv6-triggered session is up, with the UE-MAC flow for EoGRE installed';
const movesToRg = 'the UE moves to an RG that speaks EoGRE';
const switchToEogre = 'SaMOG sees the move, switches the path to the EoGRE tunnel; session type DHCP';

/** BRI, BRA and the end of the session at the WLC that was left. */
function cleanup(first: number, wlc: string): ExpectedStep[] {
  return [
    { number: first, text: `SaMOG sends a BRI to the old WLC`, seenBy: message('samog', 'BRI', 'access', wlc) },
    { number: first + 1, text: 'the old WLC acknowledges it', seenBy: message('access', 'BRA', 'samog', wlc) },
    { number: first + 2, text: 'SaMOG cleans the PMIPv6 session up', seenBy: decided('access-session-cleaned') },
  ];
}

/** Table 1, for DISCOVER, OFFER, REQUEST, ACK. */
function tableOne(lab: Lab): readonly ExpectedStep[] {
  return [
    { number: 1, text: sessionByPbu, seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: movesToRg, seenBy: moves('rg1') },
    { number: 3, text: 'the UE sends DHCPDISCOVER to the RG', seenBy: message('ue', 'DHCPDISCOVER', 'access', 'rg1') },
    { number: 4, text: 'the RG forwards it in EoGRE', seenBy: message('access', 'DHCPDISCOVER', 'samog', 'rg1') },
    { number: 5, text: switchToEogre, seenBy: switched(lab, 'dhcp') },
    {
      number: 6,
      text: 'SaMOG offers the same address through the EoGRE tunnel',
      seenBy: withSessionAddress(lab, message('samog', 'DHCPOFFER', 'access', 'rg1')),
    },
    { number: 7, text: 'the RG forwards the DHCPOFFER to the UE', seenBy: message('access', 'DHCPOFFER', 'ue', 'rg1') },
    {
      number: 8,
      text: 'the UE sends DHCPREQUEST through the RG',
      seenBy: message('access', 'DHCPREQUEST', 'samog', 'rg1'),
    },
    {
      number: 9,
      text: 'SaMOG sends DHCPACK through the RG to the UE',
      seenBy: withSessionAddress(lab, message('access', 'DHCPACK', 'ue', 'rg1')),
    },
    { number: 10, text: 'data flows both ways through the RG', seenBy: dataBothWays('rg1'), after: 9 },
    ...cleanup(11, 'wlc1'),
  ];
}

/** Table 2. */
function tableTwo(lab: Lab): readonly ExpectedStep[] {
  return [
    { number: 1, text: sessionByPbu, seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: movesToRg, seenBy: moves('rg1') },
    { number: 3, text: 'the UE goes on sending data, now to the RG', seenBy: message('ue', 'data', 'access', 'rg1') },
    { number: 4, text: 'the RG forwards it in EoGRE', seenBy: message('access', 'data', 'samog', 'rg1') },
    { number: 5, text: switchToEogre, seenBy: switched(lab, 'dhcp') },
    { number: 6, text: 'data flows both ways through the RG', seenBy: dataBothWays('rg1'), after: 5 },
    ...cleanup(7, 'wlc1'),
  ];
}

/** Table 3. */
function tableThree(lab: Lab): readonly ExpectedStep[] {
  return [
    {
      number: 1,
      text: 'a DHCP-triggered session is up',
      seenBy: established(lab, 'dhcp', { eogreFlow: true }),
    },
    { number: 2, text: 'the UE moves to a WLC that speaks PMIPv6', seenBy: moves('wlc1') },
    { number: 3, text: 'the WLC sends a PBU; its NAI is the UE’s MAC', seenBy: pbuFrom('wlc1') },
    {
      number: 4,
      text: 'SaMOG sees the move, switches the path to the PMIPv6 tunnel; type PMIPv6',
      seenBy: switched(lab, 'pmipv6'),
    },
    { number: 5, text: 'SaMOG sends the PBA', seenBy: withSessionAddress(lab, pbaTo('wlc1', 0)) },
    { number: 6, text: 'data flows both ways through the WLC', seenBy: dataBothWays('wlc1'), after: 5 },
  ];
}

export const pmipToEogreDhcp: Scenario = {
  name: 'pmip-to-eogre-dhcp',
  title: 'PMIPv6 to EoGRE, triggered by DHCPDISCOVER (seed, table 1)',
  steps: tableOne,
  play: async (stage) => {
    await stage.attach(stage.lab.wlc1);
    await stage.handover(stage.lab.rg1, 'dhcp-discover');
  },
};

export const pmipToEogreData: Scenario = {
  name: 'pmip-to-eogre-data',
  title: 'PMIPv6 to EoGRE, triggered by data (seed, table 2)',
  steps: tableTwo,
  play: async (stage) => {
    await stage.attach(stage.lab.wlc1);
    await stage.handover(stage.lab.rg1, 'data');
  },
};

export const eogreToPmip: Scenario = {
  name: 'eogre-to-pmip',
  title: 'EoGRE to PMIPv6, triggered by PBU (seed, table 3)',
  steps: tableThree,
  play: async (stage) => {
    await stage.attach(stage.lab.rg1);
    await stage.handover(stage.lab.wlc1, 'silent');
  },
};

/** The overview names DHCP Request as a trigger too; it has no table of its own: table 1 without DISCOVER and OFFER. */
export const pmipToEogreDhcpRequest: Scenario = {
  name: 'pmip-to-eogre-dhcp-request',
  title: 'PMIPv6 to EoGRE, triggered by DHCPREQUEST of a UE that reboots its lease',
  steps: (lab) => [
    { number: 1, text: sessionByPbu, seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the UE moves to an RG with a GRE key and a VLAN', seenBy: moves('rg2') },
    { number: 3, text: 'the UE sends DHCPREQUEST to the RG', seenBy: message('ue', 'DHCPREQUEST', 'access', 'rg2') },
    { number: 4, text: 'the RG forwards it in EoGRE', seenBy: message('access', 'DHCPREQUEST', 'samog', 'rg2') },
    { number: 5, text: switchToEogre, seenBy: switched(lab, 'dhcp') },
    {
      number: 6,
      text: 'SaMOG sends DHCPACK through the RG to the UE',
      seenBy: withSessionAddress(lab, message('access', 'DHCPACK', 'ue', 'rg2')),
    },
    { number: 7, text: 'data flows both ways through the RG', seenBy: dataBothWays('rg2'), after: 6 },
    ...cleanup(8, 'wlc1'),
  ],
  play: async (stage) => {
    await stage.attach(stage.lab.wlc1);
    await stage.handover(stage.lab.rg2, 'dhcp-request');
  },
};
