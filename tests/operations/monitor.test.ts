import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherEvents } from '../../src/cli/capture.ts';
import type { EventRow } from '../../src/operations/views/events.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { decodeCapture } from '../../src/wire/pcapng/pcapng.ts';
import { requireTool } from '../support/require-tool.ts';
import { Terminals } from '../support/terminals.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** The second handover of the demonstration: PMIPv6, then EoGRE by data. */
const ue = '02:00:5e:10:00:02';

describe.skipIf(!requireTool('tmux'))('the monitor', { timeout: 180_000 }, () => {
  let terminals: Terminals;
  let socket = '';

  const samog = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: terminals.folder, stdio: 'pipe' });

  beforeAll(async () => {
    terminals = new Terminals();
    const demo = terminals.start(200, 50, 'demo');
    socket = /--socket (\S+)/.exec(await terminals.until(demo, /--socket \S+\.sock/))![1]!;
  });
  afterAll(() => terminals.stop());

  it('shows subscribers and the ladder of one, decodes its messages, and saves what it shows', async () => {
    const terminal = terminals.start(80, 24, 'monitor', '--socket', socket);
    const list = await terminals.until(terminal, /lab ── 3 of 3/);
    expect(list).toMatch(new RegExp(`${ue} rg 127\\.\\S+ +bound +1 `));
    expect(list.trimEnd().split('\n')).toHaveLength(24);

    terminals.press(terminal, '/');
    terminals.type(terminal, 'sate=x');
    terminals.press(terminal, 'Enter');
    await terminals.until(terminal, /column 1: there is no field "sate"/);
    terminals.press(terminal, '/', 'C-u');
    terminals.type(terminal, `state=bound ${ue}`);
    terminals.press(terminal, 'Enter');
    await terminals.until(terminal, /── 1 of 3/);

    terminals.press(terminal, 'F7', 'C-u');
    terminals.type(terminal, 'state mac weight');
    terminals.press(terminal, 'Enter');
    await terminals.until(terminal, /there is no column weight/);
    terminals.press(terminal, 'F7', 'C-u');
    terminals.type(terminal, 'state mac');
    terminals.press(terminal, 'Enter');
    await terminals.until(terminal, new RegExp(`State +MAC +Last[^\\n]*\\n▸ bound +${ue} `));

    terminals.press(terminal, 'Enter');
    const ladder = await terminals.until(terminal, /◆ data path switched/);
    expect(ladder).toMatch(/WLC +RG? *SaMOG +AAA +LMA|WLC +SaMOG +AAA +LMA/);
    terminals.press(terminal, 'Home');
    await terminals.until(terminal, /PMIPv6 PBU sequence/);
    terminals.press(terminal, 'F4');
    await terminals.until(terminal, /^0000 {2}45 00/m);
    terminals.press(terminal, 'F4', 'h');
    await terminals.until(terminal, /#\d+ handover-accepted/);
    terminals.press(terminal, 'e');
    await terminals.until(terminal, /no refusal or timer here/);
    terminals.press(terminal, 'x');
    await terminals.until(terminal, /It has a session/);
    terminals.press(terminal, 'x', 'F5');
    await terminals.until(terminal, /FROZEN/);

    terminals.press(terminal, 'F2', 'C-u');
    terminals.type(terminal, 'ue.pcapng');
    terminals.press(terminal, 'Enter');
    await terminals.until(terminal, /ue\.pcapng: \d+ packets/);
    const once = ['monitor', 'subscriber', ue, '--once', '--format', 'json', '--socket', socket];
    const { events } = JSON.parse(samog(...once)) as { readonly events: readonly EventRow[] };
    const saved = decodeCapture(readFileSync(join(terminals.folder, 'ue.pcapng')));
    expect(saved.ok && saved.value.packets.map(({ octets }) => toHex(octets))).toEqual(
      events.flatMap(({ message }) => (message === null ? [] : [message.packet])),
    );

    terminals.press(terminal, 'q');
    await terminals.until(terminal, /── 1 of 3/);
    terminals.press(terminal, 'q');
    await terminals.until(terminal, /ended with 0/);
  });

  it('captures for a time, and Ctrl-C ends that without losing anything', async () => {
    const capture = ['capture', 'mac', ue, 'out', 'until-now.pcapng', 'seconds', '600', '--socket', socket];
    const terminal = terminals.start(120, 24, ...capture);
    await terminals.until(terminal, /Ctrl-C ends that/);
    terminals.press(terminal, 'C-c');
    await terminals.until(terminal, /until-now\.pcapng: \d+ packets[\s\S]*ended with 0/);
    const read = decodeCapture(readFileSync(join(terminals.folder, 'until-now.pcapng')));
    expect(read.ok && read.value.packets.length).toBeGreaterThan(5);
  });

  it('shows a file as it shows a gateway, with the details beside the ladder where there is room', async () => {
    samog('capture', 'mac', ue, 'out', 'captured.pcapng', '--socket', socket);
    const live = samog('monitor', 'subscriber', ue, '--once', '--format', 'mermaid', '--socket', socket);
    expect(samog('monitor', 'subscriber', ue, '--once', '--format', 'mermaid', '--read', 'captured.pcapng')).toBe(live);
    expect(live).toContain('sequenceDiagram');

    const terminal = terminals.start(160, 40, 'monitor', 'subscriber', ue, '--read', 'captured.pcapng');
    await terminals.until(terminal, /events of 02:00:5e:10:00:02/);
    terminals.press(terminal, 'Home');
    await terminals.until(terminal, /│ PMIPv6 PBU sequence/);
    terminals.press(terminal, 'q');
    await terminals.until(terminal, /ended with 0/);
  });

  it('begins anew with a gateway whose events count from 1 again', async () => {
    const wanted = { mac: ue };
    const all = await gatherEvents({ socket }, wanted);
    expect([all.restarted, all.events.length > 10]).toEqual([false, true]);
    expect(await gatherEvents({ socket }, wanted, all.next)).toMatchObject({ restarted: false, events: [] });
    const again = await gatherEvents({ socket }, wanted, 999_999);
    expect([again.restarted, again.events]).toEqual([true, expect.any(Array)]);
    expect(again.events.map(({ number }) => number)).toEqual(all.events.map(({ number }) => number));
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('gives the terminal back as it was when it gets %s', async (signal, code) => {
    const terminal = terminals.start(100, 24, 'monitor', '--socket', socket);
    await terminals.until(terminal, /lab ── \d of 3/);
    expect(terminals.modes(terminal)).toEqual({ alternateScreen: true, cursorShown: false, echoes: false });
    terminals.signal(terminal, signal);
    const seen = await terminals.until(terminal, /ended with \d+/);
    expect(seen).toContain(`ended with ${code}`);
    expect(seen).not.toContain('MAC');
    expect(terminals.modes(terminal)).toEqual({ alternateScreen: false, cursorShown: true, echoes: true });
  });

  it('says what is wrong before it takes the terminal', async () => {
    const terminal = terminals.start(100, 24, 'monitor', 'sate=x', '--socket', socket);
    expect(await terminals.until(terminal, /ended with \d/)).toMatch(/there is no field "sate"[\s\S]*ended with 2/);
    expect(() => samog('monitor', '--read', 'nothing.pcapng')).toThrow(/cannot read nothing\.pcapng: ENOENT/);
  });
});
