import { z } from 'zod';
import { fastPathModes } from './operations-config.ts';
import { compared, hot, optional, required, section, setting } from './settings.ts';
import { bulkstatFormat, deviceName, filePath, integer, milliseconds, name, oneOf } from './values.ts';

export const metricsSchema = compared(
  'own',
  hot(
    section('Where Prometheus asks for `/metrics`. Without this section only the management socket has it.', {
      address: setting(
        oneOf('127.0.0.1', '::1'),
        '127.0.0.1',
        'Of this host alone, for nobody is asked who they are; a proxy with TLS and users can carry it further.',
      ),
      port: setting(integer(0, 65535), 9464, 'TCP port; 0 takes any that is free, and the banner tells which.'),
    }),
  ),
);

export const bulkstatsSchema = compared(
  'own',
  hot(
    section(
      'Bulk statistics in files: one file an interval, one line in it for each schema. Without this section none.',
      {
        directory: setting(filePath(), '/var/lib/samog/bulkstats', 'Where; made if it is not there.'),
        interval: setting(
          milliseconds('10s', '24h'),
          '15m',
          'Between two files, counted from midnight UTC. Default: the usual collection interval of 3GPP (TS 32.401).',
        ),
        'files-max': setting(
          integer(1, 100_000),
          672,
          'The oldest files make room. Default: a week of quarters of an hour.',
        ),
        schemas: required(
          z
            .array(
              section('One line of each file.', {
                name: required(name(), 'What this schema is called; the line does not have it by itself.'),
                format: required(
                  bulkstatFormat(),
                  'The line, with `%variable%` for what is filled in and `%%` for a percent sign. docs/operations/interface.md ' +
                    'tells the variables.',
                ),
              }),
            )
            .min(1),
          'At least one.',
        ),
      },
    ),
  ),
);

export const fastPathSchema = compared(
  'own',
  section(
    'Established sessions forwarded in the kernel, by XDP. docs/fast-path.md tells what goes that way, and what does not.',
    {
      mode: setting(
        oneOf(...fastPathModes),
        'auto',
        '`native`: in the drivers, and in the kernel in front of its network stack (`generic`) if one of them cannot. `auto`: as `native`, ' +
          'but `generic` where an interface is one end of a pair of virtual ones: there the other end would need a program too. ' +
          'Whatever cannot be had, the gateway forwards by itself, and says so.',
      ),
      interfaces: optional(
        z.array(deviceName()).min(1),
        'those that have the addresses of `cgw-service` or, of a pair, the service addresses',
        'Interfaces by which packets of sessions come and leave, on both sides.',
      ),
      'sessions-max': setting(
        integer(1, 4_194_304),
        131_072,
        'Sessions that are forwarded so; the others are served without. The kernel keeps about 200 octets for each from the start. ' +
          'Default: 27 MB.',
      ),
      'punts-per-second': setting(
        integer(0, 10_000_000, 'packets/s'),
        20_000,
        'What one tunnel endpoint may have handed up that is not forwarded in the kernel; more is dropped there. Not counted is what ' +
          'is handed up on purpose. 0: no limit.',
      ),
      'punts-per-second-in-all': setting(
        integer(0, 10_000_000, 'packets/s'),
        100_000,
        'What all tunnel endpoints together may have handed up, on purpose or not, and as much again of DHCP and ARP. Handed up more than ' +
          'it can do, the gateway does less than it can. 0: no limit.',
      ),
      outlive: setting(
        milliseconds('0s', '1h'),
        '60s',
        'When the gateway has gone, so long its sessions are forwarded all the same, for the one that comes back in time with the sessions ' +
          'from the `recovery` store. Not for a chassis of a pair: there the peer takes over.',
      ),
      'pin-folder': setting(
        filePath(),
        '/sys/fs/bpf/samog',
        'A folder of a BPF file system, which is made if it may be; what outlives the gateway is in a folder of it named after the chassis. ' +
          'Without one nothing does.',
      ),
    },
  ),
);
