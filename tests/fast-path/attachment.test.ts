import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { attach } from '../../src/host/xdp/attachment.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { BpfFileSystem } from './bpf-file-system.ts';
import { enterOwnNetwork, ip } from './own-network.ts';
import { fastPathNeeds } from './requirements.ts';
import { fastPathConfig } from './served-session.ts';

const possible = requireTool(...fastPathNeeds()) && requireTool('mount', isOnPath('mount'));
const nothingNew = { missing: new Map(), back: [] };

/** Whether the kernel has a program on an interface. */
function hasProgram(name: string): boolean {
  const [link] = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'dev', name], { encoding: 'utf8' }));
  return link.xdp !== undefined;
}

function makeInterface(name: string): void {
  ip(`link add ${name} type veth peer name ${name}p`);
  ip(`link set ${name} up`);
}

describe.skipIf(!possible)('an interface that vanishes and comes back', () => {
  let program: FastPathProgram;
  let fileSystem: BpfFileSystem;
  beforeAll(() => {
    fileSystem = new BpfFileSystem();
    enterOwnNetwork();
    program = new FastPathProgram(fastPathConfig);
    makeInterface('stays0');
  });
  afterAll(async () => {
    program?.close();
    await fileSystem?.remove();
  });

  it.each(['native', 'generic'] as const)('has the program again, %s, pinned or not', (mode) => {
    for (const pinFolder of [undefined, fileSystem.folder]) {
      makeInterface('goes0');
      const attachment = attach(program.forwardProgram, ['stays0', 'goes0'], pinFolder, mode);
      expect(attachment.follow()).toEqual(nothingNew);
      ip('link del goes0');
      for (let time = 0; time < 2; time += 1) {
        expect(attachment.follow()).toEqual({ missing: new Map([['goes0', 'there is none of this name']]), back: [] });
      }
      makeInterface('goes0');
      expect(hasProgram('goes0')).toBe(false);
      expect(attachment.follow()).toEqual({ missing: new Map(), back: [findInterface('goes0')!.index] });
      expect([hasProgram('goes0'), hasProgram('stays0')]).toEqual([true, true]);
      if (pinFolder !== undefined) expect(existsSync(`${pinFolder}/link-goes0-${mode}`)).toBe(true);
      expect(attachment.follow()).toEqual(nothingNew);
      // Another one of the same name, between two looks.
      ip('link del goes0');
      makeInterface('goes0');
      expect(attachment.follow().back).toEqual([findInterface('goes0')!.index]);
      attachment.detach();
      expect([hasProgram('goes0'), hasProgram('stays0')]).toEqual([false, false]);
      ip('link del goes0');
    }
  });

  it('is missing for as long as something else is on it', () => {
    makeInterface('taken0');
    const attachment = attach(program.forwardProgram, ['taken0']);
    ip('link del taken0');
    makeInterface('taken0');
    const other = attach(program.passProgram, ['taken0']);
    for (let time = 0; time < 2; time += 1) {
      expect([...attachment.follow().missing]).toEqual([['taken0', expect.stringContaining('EBUSY')]]);
    }
    other.detach();
    expect(attachment.follow()).toEqual({ missing: new Map(), back: [findInterface('taken0')!.index] });
    attachment.detach();
  });
});
