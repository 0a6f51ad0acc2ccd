import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as layout from '../../src/forwarding/fast-path/layout.ts';
import { setOctets } from '../../src/forwarding/fast-path/place-index.ts';
import { requireTool } from '../support/require-tool.ts';

const committed = 'bpf/samog.bpf.o';

describe.skipIf(!requireTool('clang') || !requireTool('llvm-strip'))('the committed objects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'samog-bpf-'));
  beforeAll(() => execFileSync('sh', ['bpf/build', folder]));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['samog.bpf.o', 'load.bpf.o'])('are what their sources give: %s', (name) => {
    const same = readFileSync(join(folder, name)).equals(readFileSync(`bpf/${name}`));
    expect(same, `bpf/${name} is not what clang 14 makes of bpf/: run "npm run build:bpf" and commit it`).toBe(true);
  });
});

/** A type in the object, as bpftool tells it. */
interface BtfType {
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly members?: readonly { readonly name: string; readonly bits_offset: number }[];
  readonly values?: readonly { readonly name: string; readonly val: number }[];
}

describe.skipIf(!requireTool('bpftool'))('the types in the object', () => {
  let types: readonly BtfType[];
  beforeAll(() => {
    types = JSON.parse(execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', committed], { encoding: 'utf8' })).types;
  });

  it.each([
    ['path', layout.pathOctets, layout.pathAt],
    ['session', layout.sessionOctets, layout.sessionAt],
    ['direction_usage', layout.directionUsageOctets, layout.directionUsageAt],
    ['usage', layout.usageOctets, layout.usageAt],
    ['config', layout.configOctets, layout.configAt],
    ['way', layout.wayOctets, undefined],
    ['arrival', layout.arrivalOctets, undefined],
    ['tunnel_end', layout.tunnelEndOctets, layout.tunnelEndAt],
    ['tunnel_figures', layout.tunnelFiguresOctets, layout.tunnelFiguresAt],
    ['place_set', setOctets, undefined],
    ['state', layout.stateOctets, layout.stateAt],
    ['counters', layout.countersOctets, layout.countersAt],
  ])('struct %s has its fields where the gateway reads and writes them', (name, octets, offsets) => {
    const type = types.find((each) => each.kind === 'STRUCT' && each.name === name)!;
    const members = type.members!.map((member) => [member.name, member.bits_offset / 8]);
    expect(type.size).toBe(octets);
    if (offsets !== undefined) expect(Object.fromEntries(members)).toEqual(offsets);
  });

  it('number the sides as the gateway does', () => {
    const type = types.find((each) => each.kind === 'ENUM' && each.name === 'side')!;
    expect(type.values!.map(({ name }) => name.replace('SIDE_', '').toLowerCase())).toEqual(layout.tunnelSides);
  });

  it('number the reasons of punts as the gateway does', () => {
    const type = types.find((each) => each.kind === 'ENUM' && each.name === 'punt')!;
    const names = type.values!.map(({ name }) => name.replace('PUNT_', '').toLowerCase().replaceAll('_', '-'));
    expect(names).toEqual(['none', ...layout.puntReasons, ...layout.fastDropReasons, 'reasons']);
    expect(type.values!.map(({ val }) => val)).toEqual(names.map((_, index) => index));
  });
});
