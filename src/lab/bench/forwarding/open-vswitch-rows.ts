import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import { packetOctets } from './fast-rows.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { send } from './offer.ts';
import { bridges, OpenVswitch, openVswitchVersion } from './open-vswitch.ts';
import type { Rows } from './rows.ts';
import { namesOf, processRows, worksOf } from './slow-rows.ts';
import type { Testbed } from './testbed.ts';

/** Of each session, so that next to none is left out by chance; and how many a second can be learned. */
const packetsToMeet = 5;
const learningRate = 20_000;

/**
 * What a user would take who has no gateway: Open vSwitch with its userspace datapath, from EoGRE to GRE with keys and back. It
 * needs no module of the kernel's, as what is measured beside it does not.
 */
export function openVswitchRows(bench: Testbed, options: ForwardingOptions, rows: Rows): void {
  const works = [...new Set([1, options.sessions])].flatMap((sessions) =>
    worksOf('open-vswitch', sessions === 1 ? packetOctets.slice(0, 1) : packetOctets, sessions, ['flood']),
  );
  const wanted = works.filter((work) => rows.wants(...namesOf(work)));
  if (wanted.length === 0) return;
  const version = openVswitchVersion();
  if (version === undefined) {
    const skipped = 'the Debian package openvswitch-switch has it';
    rows.push({ name: 'open-vswitch', rate: 0, unit: 'packets/s', skipped });
    return;
  }
  const ovs = new OpenVswitch();
  try {
    ovs.makeBridges();
    bench.hand(bridges.inside, bridges.outside);
    ovs.makeTunnels(options.sessions);
    bench.adopt(ovs.pid);
    for (const work of wanted) {
      if (work.floods.length > 0) meetAll(bench, work.spec);
      processRows(bench, work, ovs.pid, options, rows, { version });
    }
  } finally {
    ovs.close();
  }
}

/** Has it learn every session, which it does with the first packet of each. */
function meetAll(bench: Testbed, spec: LoadSpec): void {
  const load = new LoadProgram(spec);
  bench.measure(load.passProgram);
  try {
    const packets = spec.sessions * packetsToMeet;
    bench.loaded(load, () => send(load, { packets, ratePerSecond: learningRate }));
  } finally {
    load.close();
  }
}
