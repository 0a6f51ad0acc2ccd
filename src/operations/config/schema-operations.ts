import { z } from 'zod';
import { compared, required, section, setting } from './settings.ts';
import { bulkstatFormat, filePath, integer, milliseconds, name, oneOf } from './values.ts';

export const metricsSchema = compared(
  'own',
  section('Where Prometheus asks for `/metrics`. Without this section only the management socket has it.', {
    address: setting(
      oneOf('127.0.0.1', '::1'),
      '127.0.0.1',
      'Of this host alone, for nobody is asked who they are; a proxy with TLS and users can carry it further.',
    ),
    port: setting(integer(0, 65535), 9464, 'TCP port; 0 takes any that is free, and the banner tells which.'),
  }),
);

export const bulkstatsSchema = compared(
  'own',
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
);
