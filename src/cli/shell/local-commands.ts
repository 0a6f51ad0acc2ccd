import { viewOperation } from '../../operations/api/operations.ts';
import type { CommandShape } from '../../operations/commands/command.ts';
import { macTextArgument } from '../../operations/views/arguments.ts';
import { type ForwardingData, forwarding } from '../../operations/views/forwarding.ts';
import type { ViewArguments } from '../../operations/views/view.ts';
import { ask, type GatewayOptions, refusedCommand } from '../ask.ts';
import type { Carried } from '../carry-out.ts';
import { CommandError, exitCode } from '../exit-code.ts';

/** A command that the shell carries out itself. */
export interface LocalCommand extends CommandShape {
  /** `leave` ends the shell. */
  run(args: ViewArguments, shell: ShellContext): Promise<Carried | 'leave'>;
}

/** What a local command may use of its shell. */
export interface ShellContext extends GatewayOptions {
  /** What was typed, oldest first. */
  readonly history: readonly string[];
  /** Every command there is. */
  readonly commands: readonly CommandShape[];
}

function told(data: unknown, lines: readonly string[], code: number = exitCode.done): Carried {
  return { data, lines: () => [...lines], exitCode: code };
}

const help: LocalCommand = {
  words: ['help'],
  summary: 'every command there is; ? tells what may come next at any place',
  options: [],
  run: async (_args, { commands }) => {
    const rows = commands.map(({ words, summary }) => ({ command: words.join(' '), summary }));
    const width = Math.max(...rows.map(({ command }) => command.length));
    return told(
      { commands: rows },
      rows.map(({ command, summary }) => `${command.padEnd(width)}  ${summary}`),
    );
  },
};

const history: LocalCommand = {
  words: ['history'],
  summary: 'what was typed before',
  options: [],
  run: async (_args, { history: lines }) =>
    told(
      { lines },
      lines.map((line, index) => `${String(index + 1).padStart(5)}  ${line}`),
    ),
};

const leaving = (word: string): LocalCommand => ({
  words: [word],
  summary: 'leave the shell; the gateway runs on',
  options: [],
  run: async () => 'leave',
});

const doctor: LocalCommand = {
  words: ['doctor'],
  summary: 'check this host: rights, kernel settings, interfaces, clock',
  options: [
    { name: 'config', value: 'FILE', description: 'and what this configuration needs of it' },
    {
      name: 'path',
      value: 'ADDRESS',
      description: 'only whether long packets reach this RG, WLC or LMA; asks it by ping',
    },
  ],
  run: async ({ config, path }, options) => {
    const { doctorReport, pathReport } = await import('../doctor.ts');
    return path === undefined ? doctorReport(options, config) : pathReport(options, path);
  },
};

const mtuDoctor: LocalCommand = {
  words: ['mtu-doctor'],
  summary: 'whether long packets get through: what packets say of all tunnels, or what a check finds of one',
  options: [{ name: 'address', value: 'ADDRESS', description: 'of an RG, WLC or LMA: as doctor path' }],
  bare: 'address',
  run: async ({ address }, options) => {
    if (address !== undefined) return (await import('../doctor.ts')).pathReport(options, address);
    const data = (await ask(options, viewOperation(forwarding), { query: { mtu: '' } })) as ForwardingData;
    return told(data, forwarding.render(data));
  },
};

const techSupport: LocalCommand = {
  words: ['tech-support'],
  summary: 'everything that the gateway shows, in one JSON document',
  options: [
    { name: 'redact', description: 'without anything that tells who a subscriber is' },
    { name: 'config', value: 'FILE', description: 'and this configuration, always without its secrets' },
    { name: 'out', value: 'FILE', description: 'into a new file of yours alone, instead of onto the screen' },
  ],
  run: async (args, options) => {
    const { techSupport: collect } = await import('../tech-support.ts');
    return collect(args, options);
  },
};

const capture: LocalCommand = {
  words: ['capture'],
  summary: 'the control messages of a subscriber as a capture file, with our decisions as comments',
  options: [
    { name: 'mac', value: 'ADDRESS', description: 'of this subscriber; without it of all', completion: 'mac' },
    { name: 'filter', value: 'FILTER', description: 'only events that it matches, as of show events' },
    { name: 'out', value: 'FILE', description: 'into a new file of yours alone, in pcapng' },
    { name: 'legs', description: 'a plain pcap file for each leg, FILE-LEG.pcap, for tools that take no pcapng' },
    {
      name: 'wireshark',
      value: 'FOLDER',
      description: 'and a profile of Wireshark whose columns have leg and decision, into a new folder',
    },
    { name: 'seconds', value: 'N', description: 'and what comes within N seconds; without it what is remembered' },
  ],
  run: async (args, options) => {
    const { capture: write } = await import('../capture.ts');
    return write(args, options);
  },
};

const monitorSubscriber: LocalCommand = {
  words: ['monitor', 'subscriber'],
  summary: 'the ladder of one subscriber as it is now; samog monitor, outside of the shell, shows it live',
  options: [
    { name: 'mac', value: 'ADDRESS', description: 'in any usual writing of a MAC address', completion: 'mac' },
    { name: 'filter', value: 'FILTER', description: 'which of its events: "kind=refusal,timer party=aaa"' },
  ],
  bare: 'mac',
  run: async ({ mac: text, filter = '' }, options) => {
    if (text === undefined) {
      throw new CommandError(exitCode.usage, 'whose ladder is missing', 'write a MAC address after it');
    }
    const mac = macTextArgument(text);
    if (!mac.ok) throw refusedCommand(mac.refusal);
    const { gatewaySource } = await import('../monitor/monitor-source.ts');
    const { ladderOnce } = await import('../monitor/print-once.ts');
    const { data, lines } = await ladderOnce(gatewaySource(options), filter, mac.value);
    return told(data, lines);
  },
};

/** What only the shell has. */
const ofTheShell: readonly LocalCommand[] = [monitorSubscriber, help, history, leaving('exit'), leaving('quit')];
/** What is a command of its own, too. */
export const standalone: readonly LocalCommand[] = [doctor, mtuDoctor, techSupport, capture];
export const localCommands: readonly LocalCommand[] = [...standalone, ...ofTheShell];
