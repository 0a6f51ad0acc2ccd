import { formatProblem } from '../operations/config/problem.ts';
import { readConfiguration } from './configuration.ts';
import { exitCode } from './exit-code.ts';
import { complain, printJson, printLines } from './output.ts';

/** Checks a configuration file and tells all of its problems; returns the exit code. */
export function checkConfiguration(file: string, json: boolean): number {
  const parsed = readConfiguration(file);
  const problems = parsed.ok ? [] : parsed.problems;
  if (json) printJson({ ok: parsed.ok, file, problems });
  else if (parsed.ok) printLines([`${file}: no problems`]);
  else complain(problems.map(formatProblem).join('\n'));
  return parsed.ok ? exitCode.done : exitCode.refused;
}
