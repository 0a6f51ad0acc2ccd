import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Tells whether a test that needs an outside tool can run: `describe.skipIf(!requireTool('tshark'))`. Where the tool is
 * missing the reason is printed and the test skips; with SAMOG_REQUIRE_E2E=1 a missing tool is a failure, so that an
 * integration run can never pass by skipping.
 *
 * @param available how to find out; by default whether `name` is an executable on PATH
 * @throws Error if the tool is missing and SAMOG_REQUIRE_E2E is 1
 */
export function requireTool(name: string, available: boolean = isOnPath(name)): boolean {
  if (available) return true;
  const reason = `${name} is not available`;
  if (process.env['SAMOG_REQUIRE_E2E'] === '1') throw new Error(`${reason}, and SAMOG_REQUIRE_E2E=1 requires it`);
  console.warn(`skipped: ${reason}`);
  return false;
}

/** Whether `name` is an executable on PATH. */
export function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
