import { fieldLines } from '../views/format.ts';
import type { Finding, Verdict } from './finding.ts';
import { forwardingFindings } from './forwarding-findings.ts';
import type { HostFacts, InterfaceFacts, WantedFacts } from './host-facts.ts';

/** Bits of linux/capability.h. */
const capability = { netAdmin: 12, netRaw: 13 } as const;
/** A burst of one millisecond at 10 Gbit/s is 1.25 MB; the kernel counts about twice that with its own overhead. */
const receiveBufferOctetsMin = 2_500_000;
const openFilesMin = 1024;
const freeOctetsMin = 1_000_000_000;
/** RFC 5213 section 5.5 leaves the window to us: seven seconds. Half of it is too much for a clock that is meant to be right. */
const clockErrorMsMax = 1000;

const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found, advice: null });
const unknown = (check: string, found: string): Finding => ({ check, verdict: 'unknown', found, advice: null });

/** Everything that is looked at, in the order in which to mend it. */
export function diagnose(facts: HostFacts): Finding[] {
  return [
    ...rights(facts),
    openFiles(facts),
    ...buffers(facts),
    ...driver(facts),
    ...forwardingFindings(facts),
    ...reversePathFilters(facts),
    ...largeReceiveOffload(facts),
    greModule(facts),
    clock(facts),
    ...(facts.wanted === undefined ? [] : wanted(facts.wanted, facts.interfaces)),
  ];
}

function rights({ capabilities, rightsOf, wanted: needs }: HostFacts): Finding[] {
  const check = (name: string, bit: number, needed: boolean, whatFor: string): Finding => {
    const label = `right ${name}`;
    if (capabilities === undefined) return unknown(label, 'the process cannot be looked at');
    // Bits up to 40 do not fit into the 32 of the shift operators.
    const has = Math.floor(capabilities / 2 ** bit) % 2 === 1;
    if (has) return ok(label, `${rightsOf} has it`);
    if (rightsOf === 'this process') return unknown(label, 'no gateway answers, and this process has it not');
    return {
      check: label,
      verdict: needed ? 'fault' : 'warning',
      found: `${rightsOf} has it not: no ${whatFor}`,
      advice: `run it as root, or give it ${name}: deploy/systemd/samog.service does`,
    };
  };
  return [
    check('CAP_NET_RAW', capability.netRaw, needs?.rawSockets ?? false, 'GRE directly over IP, only over UDP'),
    check(
      'CAP_NET_ADMIN',
      capability.netAdmin,
      needs?.serviceAddresses ?? false,
      'service addresses, and small buffers',
    ),
  ];
}

function openFiles({ openFilesMax }: HostFacts): Finding {
  if (openFilesMax === undefined) return unknown('open files', 'the limit cannot be read');
  const found = `at most ${openFilesMax}`;
  if (openFilesMax >= openFilesMin) return ok('open files', found);
  return {
    check: 'open files',
    verdict: 'warning',
    found,
    advice: `raise it to ${openFilesMin}: ulimit -n, LimitNOFILE=`,
  };
}

function buffers({ sockets, kernelSettings }: HostFacts): Finding[] {
  const check = 'socket buffers';
  const advice = 'set net.core.rmem_max=16777216, or give the gateway CAP_NET_ADMIN, and restart it';
  if (sockets === undefined) {
    const setting = Number(kernelSettings['net/core/rmem_max']);
    if (!Number.isFinite(setting)) return [unknown(check, 'net.core.rmem_max cannot be read')];
    const found = `net.core.rmem_max ${setting}`;
    if (setting >= receiveBufferOctetsMin) return [ok(check, found)];
    return [{ check, verdict: 'warning', found: `${found}: matters without CAP_NET_ADMIN`, advice }];
  }
  const { receiveBufferOctets, kernelDrops, receivesTruncated } = sockets;
  const findings: Finding[] = [];
  if (receiveBufferOctets !== null) {
    const found = `${receiveBufferOctets} octets to receive into`;
    findings.push(
      receiveBufferOctets >= receiveBufferOctetsMin ? ok(check, found) : { check, verdict: 'warning', found, advice },
    );
  }
  findings.push(
    kernelDrops === 0
      ? ok('packets dropped by the kernel', 'none since the start')
      : {
          check: 'packets dropped by the kernel',
          verdict: 'warning',
          found: `${kernelDrops} since the start: they came faster than they were taken, or flooded a port`,
          advice:
            'a flood has events port-shielded; otherwise larger socket buffers take longer bursts, or the machine is too slow',
        },
    receivesTruncated === 0
      ? ok('packets too long', 'none since the start')
      : {
          check: 'packets too long',
          verdict: 'warning',
          found: `${receivesTruncated} since the start: longer than any that the link carries`,
          advice: 'the network card merges packets: ethtool -K INTERFACE gro off lro off',
        },
  );
  return findings;
}

function driver({ sockets }: HostFacts): Finding[] {
  if (sockets === undefined) return [];
  const { driver: name, driverFallbackReason, worstStallMs } = sockets;
  const findings: Finding[] = [
    driverFallbackReason === null
      ? ok('socket driver', name)
      : {
          check: 'socket driver',
          verdict: 'warning',
          found: `${name}, because: ${driverFallbackReason}`,
          advice: 'the batched driver carries several times as much: mend what the reason names',
        },
  ];
  const found = `${worstStallMs.toFixed(1)} ms at worst`;
  findings.push(
    worstStallMs < 100
      ? ok('event loop', found)
      : {
          check: 'event loop',
          verdict: 'warning',
          found,
          advice:
            'something took the processor: give the gateway cores of its own, and look at steal time and swapping',
        },
  );
  return findings;
}

/** A strict filter (1) drops what comes by another interface than the answer would leave by (RFC 3704). */
function reversePathFilters({ interfaces, kernelSettings }: HostFacts): Finding[] {
  const ofAll = Number(kernelSettings['net/ipv4/conf/all/rp_filter'] ?? 0);
  const strict = interfaces.filter(({ name, up, reversePathFilter }) => {
    return up && name !== 'lo' && Math.max(ofAll, reversePathFilter ?? 0) === 1;
  });
  if (strict.length === 0) return [ok('rp_filter', 'strict nowhere')];
  const names = strict.map(({ name }) => name);
  return [
    {
      check: 'rp_filter',
      verdict: 'warning',
      found: `strict on ${names.join(', ')}: packets of peers that are reached by another interface are dropped unseen`,
      advice: 'set net.ipv4.conf.all.rp_filter=2, unless every peer is reached the way that it sends',
    },
  ];
}

function largeReceiveOffload({ interfaces }: HostFacts): Finding[] {
  const merging = interfaces.filter(({ largeReceiveOffload: on }) => on === true).map(({ name }) => name);
  if (merging.length === 0) return [ok('offload', 'no interface merges what it receives in hardware')];
  return [
    {
      check: 'offload',
      verdict: 'warning',
      found: `large receive offload on ${merging.join(', ')}: packets are merged that must go on as they came`,
      advice: `ethtool -K ${merging[0]} lro off`,
    },
  ];
}

function greModule({ modules }: HostFacts): Finding {
  const check = 'ip_gre module';
  if (modules === undefined) return unknown(check, 'the list of modules cannot be read');
  if (!modules.includes('ip_gre')) return ok(check, 'not loaded');
  return {
    check,
    verdict: 'warning',
    found: 'loaded: the kernel answers GRE that it has no tunnel for with ICMP Port Unreachable, beside the gateway',
    advice: 'rmmod ip_gre, or drop these ICMP messages',
  };
}

function clock({ clock: known }: HostFacts): Finding {
  const check = 'clock';
  if (known === undefined) return unknown(check, 'the kernel does not tell');
  const found = known.synchronised ? `synchronised, error at most ${known.errorMs} ms` : 'not synchronised';
  if (known.synchronised && known.errorMs <= clockErrorMsMax) return ok(check, found);
  const advice = 'let it use NTP: PBUs with timestamps are refused when clocks differ (status 156)';
  return { check, verdict: 'warning', found, advice };
}

function wanted(
  { addresses, recovery, serviceAddresses }: WantedFacts,
  interfaces: readonly InterfaceFacts[],
): Finding[] {
  const findings = addresses.flatMap(({ setting, address, mtu }) => {
    // All of 127.0.0.0/8 is on the loopback interface, which lists the one address.
    const isLoopback = address.startsWith('127.');
    const holder = interfaces.find(
      ({ name, addresses: own }) => own.includes(address) || (isLoopback && name === 'lo'),
    );
    if (holder === undefined) {
      if (serviceAddresses)
        return [ok(setting, `${address} is not on this host now: it moves with the active chassis`)];
      const advice = `ip address add ${address} dev INTERFACE, or correct ${setting}`;
      return [{ check: setting, verdict: 'fault', found: `${address} is on no interface`, advice } as const];
    }
    const place = `${address} on ${holder.name}`;
    if (!holder.up)
      return [
        {
          check: setting,
          verdict: 'fault',
          found: `${place}, which is down`,
          advice: `ip link set ${holder.name} up`,
        } as const,
      ];
    if (mtu !== undefined && holder.mtu !== undefined && holder.mtu < mtu) {
      const found = `${place} has an MTU of ${holder.mtu}, and ${mtu} is configured: long packets are lost or fragmented`;
      return [
        { check: setting, verdict: 'fault', found, advice: `set the MTU beside ${setting} to ${holder.mtu}` } as const,
      ];
    }
    return [ok(setting, `${place}, MTU ${holder.mtu ?? 'unknown'}`)];
  });
  return recovery === undefined ? findings : [...findings, disk(recovery)];
}

function disk({ directory, writable, freeOctets }: NonNullable<WantedFacts['recovery']>): Finding {
  const check = 'recovery.directory';
  if (!writable) {
    const advice = `make it, for the user that runs the gateway: install -d -m 0700 ${directory}`;
    return { check, verdict: 'fault', found: `${directory} cannot be written to`, advice };
  }
  if (freeOctets === undefined) return ok(check, directory);
  const found = `${directory}, ${Math.floor(freeOctets / 1e6)} MB free`;
  if (freeOctets >= freeOctetsMin) return ok(check, found);
  return { check, verdict: 'warning', found, advice: 'make room: a store that is full keeps no more sessions' };
}

const marks = { ok: 'OK  ', warning: 'WARN', fault: 'FAIL', unknown: '?   ' } as const satisfies Record<
  Verdict,
  string
>;

/**
 * Findings as a table, advice below each that has any, and at the end how many faults, warnings and unknowns there are.
 */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  return [
    ...findings.flatMap(({ check, verdict, found, advice }) => [
      `${marks[verdict]}  ${check.padEnd(width)}  ${found}`,
      ...(advice === null ? [] : [`${' '.repeat(width + 8)}${advice}`]),
    ]),
    ...fieldLines([
      ['Faults', count('fault')],
      ['Warnings', count('warning')],
      ['Not Found Out', count('unknown')],
    ]),
  ];
}
