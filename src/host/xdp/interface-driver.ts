import { askDriver } from '../ethtool.ts';

/** linux/ethtool.h: `struct ethtool_drvinfo`, and where in it the driver's name is. */
const driverInfo = { command: 3, octets: 196, nameAt: 4, nameOctets: 32 } as const;

/** The name of an interface's driver, such as `veth`; undefined if the kernel does not tell. */
export function driverOf(name: string): string | undefined {
  const { command, octets, nameAt, nameOctets } = driverInfo;
  const answer = askDriver(name, command, octets);
  if (answer === undefined) return undefined;
  const text = Buffer.from(answer.bytes).toString('latin1', nameAt, nameAt + nameOctets);
  return text.slice(0, text.indexOf('\0'));
}
