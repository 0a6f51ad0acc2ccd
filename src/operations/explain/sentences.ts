import type { EndReason, HandoffDenial, SetupFailure } from '../../services/samog/statistics.ts';

/** What a reason means, and what an operator can do about it. */
export interface Advice {
  readonly meaning: string;
  /** Null where nothing is wrong. */
  readonly advice: string | null;
}

/** Why a handover was denied; docs/operations/troubleshooting.md has more of each. */
export const denialAdvice: Readonly<Record<HandoffDenial, Advice>> = {
  'no-dhcp-twan-profile': {
    meaning: 'the session was set up while no TWAN profile with trigger dhcp was associated with the MRME service',
    advice:
      'associate an eogre profile with trigger dhcp (mrme-service.twan-profiles); sessions that are up keep what they have',
  },
  'handover-rate': {
    meaning:
      'data had moved this session as often as handover.rate allows within a minute: usually two RGs carry its frames',
    advice: 'look for a loop between the two RGs; DHCP and PBU still move the session',
  },
  spoofed: {
    meaning: 'a frame had its MAC address and another source address: the session was not touched',
    advice: 'a UE with two addresses, a container behind it, or somebody who pretends: the event names the RG',
  },
  'address-mismatch': {
    meaning: 'a REQUEST or PBU insisted on an address that is not the session’s',
    advice: 'nothing: it was told so, and asks for any address next',
  },
  'client-not-in-profile': {
    meaning: 'the sender is in no TWAN profile of the access type that it used',
    advice: 'see show twan-profile for the clients, and add the sender’s network to the profile of its access type',
  },
  'bad-request': {
    meaning: 'the PBU lacked an option, or its sequence number or timestamp was out of order',
    advice: 'the status is in the events: 156 and 157 are clocks, so let both ends use NTP',
  },
  'session-ended': {
    meaning: 'the session ended, or was never set up, before the trigger could be served',
    advice: 'see below why the setup failed, if it did',
  },
  superseded: { meaning: 'a later trigger from elsewhere took the place of one that waited', advice: null },
  disabled: {
    meaning: 'handover between access types is switched off',
    advice: 'set samog-service.handover.enable, if it is wanted',
  },
};

/** Why a session was not set up. */
export const failureAdvice: Readonly<Record<SetupFailure, Advice>> = {
  'aaa-reject': {
    meaning: 'the AAA server rejected the UE, or sent a challenge that there is nobody to answer',
    advice: 'the server has to know the UE as mrme-service.user-name writes it: show mrme-service has the form',
  },
  'aaa-timeout': {
    meaning: 'no AAA server answered in time, or too many requests were waiting',
    advice: 'see show mrme-service for the server that is dead; one that drops silently has another secret',
  },
  'lma-timeout': {
    meaning: 'the LMA did not answer within setup-timeout',
    advice: 'see in show cgw-service whether it answers heartbeats; UDP 5436 must be open both ways',
  },
  'lma-reject': {
    meaning: 'the LMA refused the binding, or accepted it without an address or a GRE key',
    advice: 'its status is in the events: 130 no address left, 154 it does not know us, 156 clocks, 163 GRE keys',
  },
  'lma-unknown': {
    meaning: 'the AAA server named an LMA that is not configured',
    advice: 'add it to cgw-service.s2a.lmas, or correct the subscriber’s entry at the AAA server',
  },
  'access-list-unknown': {
    meaning: 'the AAA server named an access list that the configuration does not have',
    advice: 'configure the access list, or correct the subscriber’s entry at the AAA server',
  },
  'session-limit': {
    meaning: 'there were samog-service.sessions-max sessions already',
    advice: 'raise samog-service.sessions-max, if the machine has the memory',
  },
  withdrawn: { meaning: 'the WLC took its request back, or an operator cleared it', advice: null },
};

/** Why a session ended. */
export const endAdvice: Readonly<Record<EndReason, Advice>> = {
  'ue-release': { meaning: 'the UE released its address and did not come back within release-grace', advice: null },
  'mag-deregistration': { meaning: 'its WLC deregistered it, and it turned up nowhere else in time', advice: null },
  'lma-revocation': { meaning: 'the LMA revoked its binding', advice: 'ask whoever operates the LMA why' },
  'lma-rejected-refresh': {
    meaning: 'the LMA refused to extend its binding, or gave another address',
    advice: 'the LMA may have restarted: show cgw-service tells when',
  },
  'lma-unreachable': {
    meaning: 'no refresh was answered before the binding on S2a ran out',
    advice: 'see in show cgw-service whether the LMA answers heartbeats',
  },
  'session-timeout': { meaning: 'the Session-Timeout of the AAA server is over', advice: null },
  'idle-timeout': { meaning: 'no packet passed for the Idle-Timeout of the AAA server', advice: null },
  'lease-expired': { meaning: 'it let its lease, or an offer that it never took up, run out', advice: null },
  'binding-expired': {
    meaning: 'its WLC did not refresh the binding in time',
    advice: 'ask the WLC: it is silent about this UE',
  },
  'address-declined': {
    meaning: 'the UE found its address in use (DHCPDECLINE)',
    advice: 'two hosts have the address: look behind the RG that the events name',
  },
  operator: { meaning: 'an operator cleared it', advice: null },
  'aaa-disconnect': { meaning: 'the AAA server disconnected it', advice: 'ask whoever operates the AAA server why' },
  reauthorised: { meaning: 'the AAA server was asked again and named another APN or LMA', advice: null },
  'never-attached': {
    meaning: 'AAA accepted the UE, but no PBU or DHCP message of it came within attach-time',
    advice: 'look whether its WLC sends PBUs, or its access point DHCP in EoGRE, to this gateway',
  },
  'nas-stop': { meaning: 'the accounting of its WLC stopped it, and no other WLC started it in time', advice: null },
  'subscriber-changed': { meaning: 'AAA took it for another subscriber when it was authenticated again', advice: null },
  'reauthentication-failed': {
    meaning: 'the AAA server was asked again and rejected it, or named an access list that is not configured',
    advice: 'ask whoever operates the AAA server why',
  },
};
