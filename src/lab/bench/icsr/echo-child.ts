/**
 * An end of a bare TCP echo between the chassis, in a process that does nothing else: told by its parent, `Echo`. One end answers what
 * it hears; the other asks each millisecond, and measures how long the answer takes.
 */
import { connect, createServer, type Socket } from 'node:net';
import { now } from '../../../host/clock.ts';
import { LatencyHistogram } from '../../../kernel/latency-histogram.ts';
import type { EchoAnswer, EchoRequest } from './echo.ts';

/** About an acknowledgement, with its frame. */
const questionOctets = 80;
const everyMs = 1;

const tell = (message: EchoAnswer): void => void process.send!(message);

function answerAt(address: string): void {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('data', (octets) => socket.write(octets));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, address, () => {
    const { port } = server.address() as { readonly port: number };
    tell({ kind: 'listening', port });
  });
}

/** A question holds when it was asked, so that each answer tells its own time, whatever TCP puts together. */
function askAt(address: string, port: number, localAddress: string): void {
  const times = new LatencyHistogram();
  const socket = connect({ host: address, port, localAddress });
  socket.setNoDelay(true);
  socket.once('connect', () => {
    setInterval(() => {
      const question = Buffer.alloc(questionOctets);
      question.writeDoubleBE(now());
      socket.write(question);
    }, everyMs);
    tell({ kind: 'asking' });
  });
  readAnswers(socket, (askedAt) => times.add(now() - askedAt));
  let cleared = times.counts();
  process.on('message', ({ kind }: EchoRequest) => {
    if (kind !== 'times') return;
    const counts = times.counts();
    const since = counts.since(cleared);
    cleared = counts;
    tell({ kind: 'times', count: since.total, p50Ms: since.percentileMs(0.5), p99Ms: since.percentileMs(0.99) });
  });
}

function readAnswers(socket: Socket, answered: (askedAt: number) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (octets: Buffer) => {
    rest = rest.length === 0 ? octets : Buffer.concat([rest, octets]);
    for (; rest.length >= questionOctets; rest = rest.subarray(questionOctets)) answered(rest.readDoubleBE());
  });
}

process.once('message', (request: EchoRequest) => {
  if (request.kind === 'answer') answerAt(request.address);
  else if (request.kind === 'ask') askAt(request.address, request.port, request.from);
});
process.once('disconnect', () => process.exit());
