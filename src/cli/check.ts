import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { formatProblem } from '../operations/config/problem.ts';
import { readConfiguration } from './configuration.ts';
import { exitCode } from './exit-code.ts';
import { complain, printJson, printLines } from './output.ts';

/** Checks a configuration file and tells all of its problems; returns the exit code. */
export function checkConfiguration(file: string, json: boolean): number {
  const parsed = readConfiguration(file);
  const problems = parsed.ok ? [] : parsed.problems;
  const notes = parsed.ok ? notesOn(parsed.config) : [];
  if (json) printJson({ ok: parsed.ok, file, problems, notes });
  else if (parsed.ok) printLines([`${file}: no problems`, ...notes]);
  else complain(problems.map(formatProblem).join('\n'));
  return parsed.ok ? exitCode.done : exitCode.refused;
}

/** What is allowed, and may not be what the operator expects. */
function notesOn({ mrmeService, recovery, redundancy }: GatewayConfig): string[] {
  if (!mrmeService.accounting.own || recovery !== undefined || redundancy !== undefined) return [];
  return [
    'note: mrme-service.accounting without recovery and without a peer: what AAA has not acknowledged is lost with the process',
  ];
}
