/** The AAA server of the benchmark, in a process of its own: asked by its parent, `AaaProcess`. */
import { openDriver } from '../../../host/sockets/open-driver.ts';
import { radiusPort } from '../../../wire/radius/constants.ts';
import { AaaAnswers } from './aaa-answers.ts';
import type { AaaAnswer, AaaRequest } from './aaa-process.ts';

const { driver } = await openDriver('auto');
const answers = new AaaAnswers();

process.on('message', async (request: AaaRequest) => {
  if (request.kind === 'stop') {
    await driver.close();
    process.disconnect();
    return;
  }
  if (request.kind === 'start') {
    for (const port of [radiusPort.authentication, radiusPort.accounting]) {
      const socket = await driver.open(
        { transport: 'udp', address: request.address, port },
        (peer, peerPort, bytes) => {
          const answer = answers.answer(bytes);
          if (answer !== undefined) socket.send(peer, peerPort, answer);
        },
      );
    }
  }
  process.send!({ failures: answers.failures } satisfies AaaAnswer);
});
