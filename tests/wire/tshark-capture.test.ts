import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureOf } from '../../src/operations/capture/capture-file.ts';
import { plainCapturesOf } from '../../src/operations/capture/plain-captures.ts';
import { eventsOfCapture } from '../../src/operations/capture/read-capture.ts';
import { wiresharkProfile } from '../../src/operations/capture/wireshark-profile.ts';
import type { EventRow } from '../../src/operations/views/events.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { configOf, MemoryWorld, radiusConfigOf } from '../scenarios/memory-world.ts';
import { eventRowsOf } from '../support/captured-world.ts';
import { requireTool } from '../support/require-tool.ts';
import { type Dissection, dissectFile } from '../support/tshark.ts';

interface Captured {
  readonly events: readonly EventRow[];
  /** Payloads of all datagrams that were on the wire, and GRE packets, in hexadecimal. */
  readonly wire: readonly string[];
}

/** A UE that attaches and moves from WLC to RG and back, while its messages are looked at. */
function captured(config = configOf(), speaksRadius = false): Captured {
  const world = new MemoryWorld(config);
  const wire: string[] = [];
  world.drops = ({ bytes }) => {
    wire.push(toHex(bytes));
    return false;
  };
  for (const node of speaksRadius ? [world.wlc1] : [world.wlc1, world.rg1, world.wlc2]) {
    world.ue.moveTo(node, 'dhcp-discover', world.now);
    world.run(3000);
  }
  return { events: eventRowsOf(world), wire };
}

function dissected(file: Uint8Array): Dissection[] {
  const folder = mkdtempSync(join(tmpdir(), 'samog-capture-'));
  try {
    const path = join(folder, 'ue.pcapng');
    writeFileSync(path, file);
    return dissectFile(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!requireTool('tshark'))('a capture file in tshark', () => {
  const { events, wire } = captured();
  const file = captureOf(events, 'samog', 'of one UE');
  const messages = events.filter(({ message }) => message !== null);
  const packets = dissected(file);

  it('has a packet for each message, every one decoded to its end', () => {
    expect(messages.length).toBeGreaterThan(12);
    expect(packets).toHaveLength(messages.length);
    expect(packets.flatMap(({ problems }) => problems)).toEqual([]);
    const kinds = [...new Set(packets.map(({ protocols }) => protocols))].sort();
    expect(kinds).toEqual(['ip:udp:dhcp', 'ip:udp:mipv6', 'ip:udp:radius']);
  });

  it('says of each which event it is, and what was decided', () => {
    const comments = packets.map((packet) => packet.values('frame.comment'));
    expect(comments.map(([first]) => first!.split(' [#')[0])).toEqual(
      messages.map(({ name, text }) => `${name}: ${text}`),
    );
    const decisions = events.filter(({ message }) => message === null);
    expect(decisions.map(({ name }) => name)).toContain('handover-accepted');
    for (const { name, text } of decisions) {
      expect(comments.flat().filter((comment) => comment.startsWith(`${name}: ${text}`)).length).toBeGreaterThan(0);
    }
  });

  it('says which way each went, by which interface, and who the others are', () => {
    packets.forEach((packet, index) => {
      expect(packet.value('frame.interface_name')).toBe(messages[index]!.message!.leg);
      const way = Number(packet.value('frame.packet_flags_direction'));
      expect(way).toBe(messages[index]!.direction === 'sent' ? 2 : 1);
    });
  });

  it('has every octet as it was on the wire', () => {
    const onWire = new Set(wire);
    for (const { message } of messages) {
      const packet = message!.packet;
      const payload = packet.slice(56);
      // DHCP was within GRE and Ethernet.
      const found = onWire.has(payload) || wire.some((octets) => octets.endsWith(packet));
      // The password of an Access-Request is hidden.
      if (message!.leg !== 'aaa') expect(found, message!.leg).toBe(true);
    }
  });

  it('is read again as the events that it was made of', () => {
    const read = eventsOfCapture(file)!;
    const wanted = events.map((event) => ({ ...event, ageSeconds: null }));
    expect(read).toEqual({ about: 'of one UE', events: wanted });
    expect(eventsOfCapture(new Uint8Array(9))).toBeUndefined();
  });

  it('may be a plain file for each leg, with the same packets', () => {
    const plain = plainCapturesOf(events);
    expect(plain.map(({ leg }) => leg)).toEqual(['eogre', 'access-pmipv6', 's2a-pmipv6', 'aaa']);
    for (const { leg, file: capture, packets: count } of plain) {
      const ofLeg = messages.filter(({ message }) => message!.leg === leg);
      const found = dissected(capture);
      expect(count).toBe(ofLeg.length);
      const same = packets.filter((_, index) => messages[index]!.message!.leg === leg);
      expect(found.map(({ protocols, problems }) => [protocols, problems])).toEqual(
        same.map(({ protocols, problems }) => [protocols, problems]),
      );
      expect(toHex(capture)).toContain(ofLeg.at(-1)!.message!.packet);
    }
  });

  it('has columns for leg and decision in the profile that goes with it', () => {
    const home = mkdtempSync(join(tmpdir(), 'samog-profile-'));
    try {
      const profile = join(home, 'wireshark/profiles/samog');
      mkdirSync(profile, { recursive: true });
      for (const [name, text] of Object.entries(wiresharkProfile())) writeFileSync(join(profile, name), text);
      writeFileSync(join(home, 'ue.pcapng'), file);
      const env = { ...process.env, XDG_CONFIG_HOME: home };
      const args = ['-C', 'samog', '-r', join(home, 'ue.pcapng')];
      const shown = execFileSync('tshark', args, { encoding: 'utf8', env, stdio: 'pipe' });
      expect(shown).toMatch(/ s2a-pmipv6 .* Binding Acknowledgement .*session-established: /);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('has EAP conversations, too', () => {
    const eap = captured(radiusConfigOf(), true);
    const found = dissected(captureOf(eap.events, 'samog', ''));
    expect(found.flatMap(({ problems }) => problems)).toEqual([]);
    expect(found.map(({ protocols }) => protocols)).toContain('ip:udp:radius:eap');
  });
});
