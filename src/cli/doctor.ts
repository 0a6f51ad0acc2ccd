import { hostFacts } from '../host/host-facts.ts';
import { formatProblem } from '../operations/config/problem.ts';
import { diagnose, findingLines } from '../operations/doctor/diagnose.ts';
import type { ForwardingData } from '../operations/views/forwarding.ts';
import type { SocketsData } from '../operations/views/sockets.ts';
import { clientOf, type GatewayOptions } from './ask.ts';
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
  const forwarding = await client.show('forwarding', {});
  const findings = diagnose(
    hostFacts(
      pid,
      sockets.kind === 'data' ? (sockets.data as SocketsData) : undefined,
      forwarding.kind === 'data' ? ((forwarding.data as ForwardingData).summary ?? undefined) : undefined,
      configFile === undefined ? undefined : configurationOf(configFile),
    ),
  );
  return {
    data: { gateway: pid === undefined ? null : { pid }, findings },
    lines: () => findingLines(findings),
    exitCode: findings.some(({ verdict }) => verdict === 'fault') ? exitCode.refused : exitCode.done,
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
