import { hostFacts } from '../host/host-facts.ts';
import { packetPasses } from '../host/path-probe.ts';
import { viewOperation } from '../operations/api/operations.ts';
import { formatProblem } from '../operations/config/problem.ts';
import { diagnose, findingLines } from '../operations/doctor/diagnose.ts';
import type { Finding } from '../operations/doctor/finding.ts';
import { longestPassing, pathFinding, pathOctetsMin } from '../operations/doctor/path-finding.ts';
import { addressArgument } from '../operations/views/arguments.ts';
import { type CgwServiceData, cgwService } from '../operations/views/cgw-service.ts';
import type { ForwardingData } from '../operations/views/forwarding.ts';
import type { SocketsData } from '../operations/views/sockets.ts';
import { ask, clientOf, type GatewayOptions } from './ask.ts';
import type { Carried } from './carry-out.ts';
import { readConfiguration } from './configuration.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Examines this host, and the gateway that runs on it if one answers. Refused if anything is in a gateway's way. */
export async function doctorReport(options: GatewayOptions, configFile: string | undefined): Promise<Carried> {
  const client = clientOf(options);
  // What it looks at is of this host, and the process of another one is none of this one.
  if (client.isRemote) {
    throw new CommandError(
      exitCode.usage,
      'the doctor looks at the host that it runs on',
      'run it where the gateway runs',
    );
  }
  const health = await client.health();
  const pid = health.kind === 'data' ? (health.data as { readonly pid?: number }).pid : undefined;
  const sockets = await client.show('sockets', {});
  const forwarding = await client.show('forwarding', { summary: '', mtu: '' });
  const closed = health.kind === 'unreachable' && health.reason === 'EACCES';
  const about = diagnose(
    hostFacts(
      pid,
      sockets.kind === 'data' ? (sockets.data as SocketsData) : undefined,
      forwarding.kind === 'data' ? (forwarding.data as ForwardingData) : undefined,
      configFile === undefined ? undefined : configurationOf(configFile),
    ),
  );
  const findings = closed ? [closedSocket(client.where), ...about] : about;
  return {
    data: { gateway: pid === undefined ? null : { pid }, findings },
    lines: () => findingLines(findings),
    exitCode: findings.some(({ verdict }) => verdict === 'fault') ? exitCode.refused : exitCode.done,
  };
}

function closedSocket(where: string): Finding {
  const advice = 'use the user that runs the gateway, or root: what follows is of this process';
  return { check: 'gateway', verdict: 'warning', found: `this user may not open ${where}`, advice };
}

/** Whether packets as long as the running gateway may send them reach an access node or an LMA. Takes some seconds. */
export async function pathReport(options: GatewayOptions, text: string): Promise<Carried> {
  const parsed = addressArgument(text);
  if (!parsed.ok) throw new CommandError(exitCode.usage, parsed.refusal.what, parsed.refusal.hint);
  const address = parsed.value;
  if (clientOf(options).isRemote) {
    throw new CommandError(
      exitCode.usage,
      'packets are sent from the host that this runs on',
      'run it where the gateway runs',
    );
  }
  // Its configuration says how long packets may be.
  const { access, s2a, lmas } = (await ask(options, viewOperation(cgwService))) as CgwServiceData;
  const isLma = lmas.some((lma) => lma.address === address);
  const setting = isLma ? 'cgw-service.s2a.mtu' : 'cgw-service.access.mtu';
  const { mtu } = isLma ? s2a : access;
  const passes = await longestPassing((octets) => packetPasses(address, octets), pathOctetsMin, mtu);
  const finding = pathFinding({ address, setting, mtu, passes });
  return {
    data: { findings: [finding] },
    lines: () => findingLines([finding]),
    exitCode: finding.verdict === 'fault' ? exitCode.refused : exitCode.done,
  };
}

function configurationOf(file: string) {
  const parsed = readConfiguration(file);
  if (parsed.ok) return parsed.config;
  throw new CommandError(
    exitCode.refused,
    `the configuration ${file} is faulty: ${parsed.problems.length} problems`,
    parsed.problems.map(formatProblem).join('\n  '),
  );
}
