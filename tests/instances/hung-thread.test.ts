import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requireTool } from '../support/require-tool.ts';

const main = fileURLToPath(new URL('./hung-thread.ts', import.meta.url));

function run(how: string) {
  const { status, stdout } = spawnSync(process.execPath, [main, how], { encoding: 'utf8' });
  return { status, stdout };
}

describe.skipIf(!requireTool('the batched driver', process.platform === 'linux'))(
  'a thread that has come to a stop while packets come for it',
  () => {
    it.each([1, 2, 3])('can be ended once its event loop hears nothing more of its socket: %s', () => {
      expect(run('detached')).toEqual({ status: 0, stdout: 'ended\n' });
    });
  },
);
