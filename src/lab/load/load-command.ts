import { setTimeout as sleep } from 'node:timers/promises';
import { findInterface, type NetworkInterface } from '../../host/addresses/network-interface.ts';
import { attach } from '../../host/xdp/attachment.ts';
import { XdpError } from '../../host/xdp/libbpf.ts';
import { LoadProgram, type LoadSpec } from '../../host/xdp/load-program.ts';
import { type Ipv4Address, ipv4Of, type MacAddress, macOf, parseIpv4, parseMac } from '../../kernel/address.ts';
import { loadSpecOf, octetsLeast } from './load-spec.ts';

const octetsMost = 3000;
const sessionsMost = 2 ** 24;
/** How much is sent by one system call, which nothing interrupts. */
const sliceSeconds = 0.25;
const reportMs = 1000;

export interface LoadSendArguments {
  readonly interface: string;
  readonly direction: LoadSpec['direction'];
  readonly from: string;
  readonly to: string;
  readonly nextHop: string;
  readonly router: string;
  readonly mac: string;
  readonly address: string;
  readonly host: string;
  readonly key: number;
  readonly keyStep: number;
  readonly sessions: number;
  readonly octets: number;
  /** Packets a second; as many as one processor can make, without it. */
  readonly rate?: number;
  readonly seconds: number;
  readonly json?: boolean;
}

export interface LoadReceiveArguments {
  readonly interface: string;
  readonly seconds: number;
  readonly json?: boolean;
}

/** What was sent, or arrived. */
export interface LoadReport {
  readonly packets: number;
  readonly seconds: number;
  readonly packetsPerSecond: number;
  /** Of whole frames. */
  readonly megabitsPerSecond: number;
}

const refused = 1;
const misused = 2;

/** The problem of some arguments, for people. */
class Misuse extends Error {
  override readonly name = 'Misuse';
}

/**
 * `samog load send`: packets of sessions that the gateway has, made in the kernel and sent by an interface. Needs root, and
 * a driver that sends what XDP redirects.
 *
 * @returns the exit code: 0, 1 if the kernel refuses, or 2 for arguments that make no sense
 */
export function loadSendCommand(options: LoadSendArguments, write = toStandardOutput): Promise<number> {
  return contained(async () => {
    const out = interfaceOf(options.interface);
    const load = new LoadProgram(specOf(options, out.mac));
    try {
      load.setPort(0, out.index);
      const begin = performance.now();
      const elapsed = (): number => (performance.now() - begin) / 1000;
      const slice = Math.ceil((options.rate ?? unpacedSlice) * sliceSeconds);
      while (elapsed() < options.seconds) {
        load.send(slice, options.rate);
        // Signals are taken between two slices.
        await sleep(0);
      }
      const octets = load.frameOctets * load.made();
      report('sent', reportOf(load.made(), octets, elapsed()), options.json === true, write);
    } finally {
      load.close();
    }
  });
}

/**
 * `samog load receive`: counts the load that comes by an interface, where the gateway has sent it, and takes it off the wire; all
 * else passes. Tells each second, and in the end from the first packet to the last.
 */
export function loadReceiveCommand(options: LoadReceiveArguments, write = toStandardOutput): Promise<number> {
  return contained(async () => {
    interfaceOf(options.interface);
    const load = new LoadProgram(anySpec);
    const attachment = attach(load.sinkProgram, [options.interface]);
    try {
      if (options.json !== true) write(`counting on ${options.interface}, XDP in ${attachment.mode} mode\n`);
      const total = await counted(load, options.seconds, (each) => {
        if (options.json !== true) report('arrived', each, false, write);
      });
      report('arrived in all', total, options.json === true, write);
    } finally {
      attachment.detach();
      load.close();
    }
  });
}

/** How many are sent at a time where nothing sets the pace. */
const unpacedSlice = 1_000_000;

async function counted(load: LoadProgram, seconds: number, each: (report: LoadReport) => void): Promise<LoadReport> {
  const end = performance.now() + seconds * 1000;
  let before = { ...load.sunk(), at: performance.now() };
  let [first, last] = [Number.NaN, Number.NaN];
  while (performance.now() < end) {
    await sleep(Math.min(reportMs, Math.max(end - performance.now(), 0)));
    const now = { ...load.sunk(), at: performance.now() };
    if (now.packets > before.packets) {
      if (Number.isNaN(first)) first = before.at;
      last = now.at;
      each(reportOf(now.packets - before.packets, now.octets - before.octets, (now.at - before.at) / 1000));
    }
    before = now;
  }
  return reportOf(before.packets, before.octets, Number.isNaN(first) ? seconds : (last - first) / 1000);
}

function reportOf(packets: number, octets: number, seconds: number): LoadReport {
  return { packets, seconds, packetsPerSecond: packets / seconds, megabitsPerSecond: (8 * octets) / seconds / 1e6 };
}

function report(what: string, figures: LoadReport, json: boolean, write: (text: string) => void): void {
  if (json) {
    write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const { packets, seconds, packetsPerSecond, megabitsPerSecond } = figures;
  const rate = `${Math.round(packetsPerSecond)} packets/s, ${megabitsPerSecond.toFixed(1)} Mbit/s`;
  write(`${what}: ${packets} packets in ${seconds.toFixed(1)} s: ${rate}\n`);
}

/** The sink knows any load; it takes nothing of this. */
const anySpec: LoadSpec = loadSpecOf({
  direction: 'uplink',
  octets: octetsLeast,
  sessions: 1,
  from: ipv4Of(0),
  to: ipv4Of(0),
  fromMac: macOf(0),
  toMac: macOf(0),
  router: macOf(0),
  mac: macOf(0),
  address: ipv4Of(0),
  host: ipv4Of(0),
  key: 0,
  keyStep: 1,
});

function specOf(options: LoadSendArguments, fromMac: MacAddress): LoadSpec {
  const { direction, octets, sessions, key, keyStep } = options;
  within('octets', octets, octetsLeast, octetsMost);
  within('sessions', sessions, 1, sessionsMost);
  if (options.rate !== undefined) within('rate', options.rate, 1, 1e9);
  return loadSpecOf({
    direction,
    octets,
    sessions,
    key,
    keyStep,
    from: ipv4('from', options.from),
    to: ipv4('to', options.to),
    fromMac,
    toMac: mac('next-hop', options.nextHop),
    router: mac('router', options.router),
    mac: mac('mac', options.mac),
    address: ipv4('address', options.address),
    host: ipv4('host', options.host),
  });
}

function interfaceOf(name: string): NetworkInterface {
  const found = findInterface(name);
  if (found === undefined) throw new Misuse(`there is no interface ${name}`);
  return found;
}

function ipv4(name: string, text: string): Ipv4Address {
  const address = parseIpv4(text);
  if (address === undefined) throw new Misuse(`--${name} ${text} is no IPv4 address`);
  return address;
}

function mac(name: string, text: string): MacAddress {
  const address = parseMac(text);
  if (address === undefined) throw new Misuse(`--${name} ${text} is no MAC address`);
  return address;
}

function within(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) throw new Misuse(`--${name} has to be from ${least} to ${most}`);
}

async function contained(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof XdpError) {
      process.stderr.write(`samog load: ${error.message}\n  run it as root, where libbpf1 is installed\n`);
      return refused;
    }
    if (!(error instanceof Misuse)) throw error;
    process.stderr.write(`samog load: ${error.message}\n`);
    return misused;
  }
}

function toStandardOutput(text: string): void {
  process.stdout.write(text);
}
