import { type ChildProcess, spawn } from 'node:child_process';

/** What a SIM answers to one challenge; hexadecimal. */
export interface Triplet {
  readonly rand: string;
  readonly sres: string;
  readonly kc: string;
}

/**
 * Answers for a SIM that wpa_supplicant takes for an external one, at its control socket: a Unix datagram socket, which
 * Node does not speak. It waits for the socket, attaches, answers what it is asked, and ends with the other.
 */
const script = `
import json, os, re, socket, sys, time
theirs, own, triplets = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
card = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
card.bind(own)
card.settimeout(20)
for _ in range(200):
    try:
        card.connect(theirs)
        break
    except OSError:
        time.sleep(0.05)
card.send(b'ATTACH')
while True:
    text = card.recv(4096).decode(errors='replace')
    if 'TERMINATING' in text:
        break
    asked = re.search('CTRL-REQ-SIM-([0-9]+):GSM-AUTH((?::[0-9a-f]{32})+)', text)
    if asked:
        found = [triplets[rand] for rand in asked.group(2)[1:].split(':')]
        answer = ':'.join(one['kc'] + ':' + one['sres'] for one in found)
        card.send(('CTRL-RSP-SIM-%s:GSM-AUTH:%s' % (asked.group(1), answer)).encode())
`;

/** Starts the card; it needs nothing more. */
export function insertSimCard(socket: string, triplets: readonly Triplet[]): ChildProcess {
  const known = Object.fromEntries(triplets.map((triplet) => [triplet.rand, triplet]));
  return spawn('python3', ['-c', script, socket, `${socket}.card`, JSON.stringify(known)], { stdio: 'ignore' });
}
