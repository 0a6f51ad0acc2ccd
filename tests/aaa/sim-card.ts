import { type ChildProcess, spawn } from 'node:child_process';

/** What a SIM answers to one challenge; hexadecimal. */
export interface Triplet {
  readonly rand: string;
  readonly sres: string;
  readonly kc: string;
}

/** What a USIM answers to one challenge (3GPP TS 33.102 section 6.3), whatever its AUTN; hexadecimal. */
export interface Quintet {
  readonly rand: string;
  readonly autn: string;
  readonly ik: string;
  readonly ck: string;
  readonly res: string;
}

/** A SIM knows triplets, a USIM one quintet. */
export type SimCard = readonly Triplet[] | Quintet;

/**
 * Answers for a SIM that wpa_supplicant takes for an external one, at its control socket: a Unix datagram socket, which
 * Node does not speak. It waits for the socket, attaches, answers what it is asked, and ends with the other.
 */
const script = `
import json, os, re, socket, sys, time
theirs, own, known = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
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
        found = [known[rand] for rand in asked.group(2)[1:].split(':')]
        answer = ':'.join(one['kc'] + ':' + one['sres'] for one in found)
        card.send(('CTRL-RSP-SIM-%s:GSM-AUTH:%s' % (asked.group(1), answer)).encode())
    asked = re.search('CTRL-REQ-SIM-([0-9]+):UMTS-AUTH:([0-9a-f]{32}):', text)
    if asked:
        one = known[asked.group(2)]
        answer = ':'.join((one['ik'], one['ck'], one['res']))
        card.send(('CTRL-RSP-SIM-%s:UMTS-AUTH:%s' % (asked.group(1), answer)).encode())
`;

/** Starts the card; it needs nothing more. */
export function insertSimCard(socket: string, card: SimCard): ChildProcess {
  const known = Object.fromEntries([card].flat().map((one) => [one.rand, one]));
  return spawn('python3', ['-c', script, socket, `${socket}.card`, JSON.stringify(known)], { stdio: 'ignore' });
}
