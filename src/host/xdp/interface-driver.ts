import * as linux from '../sockets/linux.ts';

/** linux/ethtool.h, linux/sockios.h: `struct ethtool_drvinfo`, and where in it the driver's name is. */
const ethtool = { request: 0x8946, getDriverInfo: 3 } as const;
const driverInfo = { octets: 196, nameAt: 4, nameOctets: 32 } as const;
/** linux/if.h: a name, and here a pointer to what ethtool is asked. */
const ifreq = { octets: 40, nameOctets: 16, dataAt: 16 } as const;

/** The name of an interface's driver, such as `veth`; undefined if the kernel does not tell. */
export function driverOf(name: string): string | undefined {
  const question = new linux.FixedMemory(driverInfo.octets);
  question.view.setUint32(0, ethtool.getDriverInfo, true);
  const request = new linux.FixedMemory(ifreq.octets);
  Buffer.from(request.bytes.buffer).write(name, 0, ifreq.nameOctets - 1, 'latin1');
  request.setPointer(ifreq.dataAt, question, 0);
  const fd = linux.socket(linux.afInet, linux.sockDgram | linux.sockCloexec, 0);
  if (fd < 0) return undefined;
  const failed = linux.ioctl(fd, ethtool.request, request.bytes) < 0;
  linux.close(fd);
  if (failed) return undefined;
  const text = Buffer.from(question.bytes).toString(
    'latin1',
    driverInfo.nameAt,
    driverInfo.nameAt + driverInfo.nameOctets,
  );
  return text.slice(0, text.indexOf('\0'));
}
