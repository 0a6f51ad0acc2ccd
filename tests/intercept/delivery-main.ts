/** A delivery function as a process of its own: writes each PDU it is given as a line of hexadecimal digits. */
import { DeliveryFunction } from '../../src/lab/delivery-function.ts';

const [port, ca, certificate, key] = process.argv.slice(2);
const delivery = new DeliveryFunction({ ca: ca!, certificate: certificate!, key: key! }, (pdu) => {
  process.stdout.write(`${Buffer.from(pdu).toString('hex')}\n`);
});
await delivery.listen(Number(port));
process.stdout.write('listening\n');
