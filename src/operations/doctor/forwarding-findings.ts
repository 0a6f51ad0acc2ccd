import type { TunnelMtu } from '../views/forwarding-mtu.ts';
import type { Finding } from './finding.ts';
import type { ForwardingFacts, HostFacts } from './host-facts.ts';

const check = 'fast path';
const settingPath = 'net/ipv4/conf/lo/forwarding';

/** What stands in the way of sessions that are to be forwarded in the kernel. Nothing where no gateway answers. */
export function forwardingFindings({ forwarding, kernelSettings }: HostFacts): Finding[] {
  if (forwarding === undefined) return [];
  const { mode, reason, policed, failures, repaired, suspectedTunnels } = forwarding;
  const findings: Finding[] = [modeFinding(forwarding)];
  const found = (name: string, text: string, advice: string): void => {
    findings.push({ check: name, verdict: 'warning', found: text, advice });
  };
  const setting = kernelSettings[settingPath];
  if (mode !== 'off' && setting !== undefined && setting !== '1') {
    found(
      'lo.forwarding',
      `net.ipv4.conf.lo.forwarding is ${setting}: the kernel tells no way, and every packet is handed up`,
      'sysctl -w net.ipv4.conf.lo.forwarding=1, and keep it in /etc/sysctl.d; nothing else forwards by it',
    );
  }
  if (policed > 0) {
    const text = `${policed} packets dropped since the start: a tunnel endpoint had more handed up than it may`;
    found(
      'punt policer',
      text,
      'show forwarding drops says why they were handed up; fast-path.punts-per-second is the limit',
    );
  }
  if (failures > 0) {
    const text = `the kernel has refused ${failures} changes: ${reason ?? 'show events fast-path-failing has why'}`;
    found('fast path maps', text, 'samog audit forwarding repairs what is wrong; if it goes on, report it');
  }
  if (repaired > 0) {
    const text = `the last audit found ${repaired} entries that were not as the sessions are`;
    found('forwarding audit', text, 'nothing else may write the maps of the gateway: report it');
  }
  return [...findings, ...suspectedTunnels.map(tunnelFinding)];
}

function tunnelFinding(tunnel: TunnelMtu): Finding {
  const { side, peer, mtu, suspicion, longestFragment, fragmentsReceived, longestSent, tooLong } = tunnel;
  const check = `tunnel to ${peer}`;
  if (suspicion === 'fragments') {
    const between = longestFragment === null ? '' : `, of at most ${longestFragment} octets`;
    return {
      check,
      verdict: 'warning',
      found: `its packets come in fragments (${fragmentsReceived})${between}: the network between carries less than it sends`,
      advice: `samog doctor path ${peer} finds what passes; set the MTU of its tunnel, and cgw-service.${side}.mtu, to that`,
    };
  }
  return {
    check,
    verdict: 'warning',
    found: `packets of up to ${longestSent} octets leave by it, which is the limit, and longer ones go on coming: ${tooLong} so far`,
    advice: `senders do not hear of it, or what is between swallows them: samog doctor path ${peer} tells whether ${mtu} octets pass`,
  };
}

function modeFinding({ mode, reason, isWanted }: ForwardingFacts): Finding {
  if (mode === 'off' && isWanted) {
    return {
      check,
      verdict: 'warning',
      found: `every packet is forwarded by the gateway itself: ${reason}`,
      advice: 'docs/operations/troubleshooting.md says what to do; fast-path.mode: off if it is meant to be so',
    };
  }
  const why = reason === null ? '' : ` (${reason})`;
  return { check, verdict: 'ok', found: `${mode}${why}`, advice: null };
}
