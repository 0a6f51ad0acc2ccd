import { hot, optional, section, setting } from './settings.ts';
import { flag, integer, milliseconds, oneOf, seconds } from './values.ts';

/** The section, whose defaults hold for what is left of accounts where there is none. */
export const accountingSchema = section(
  'The accounting of sessions toward the RADIUS servers (RFC 2866). Without this section there is none. What a server has ' +
    'not acknowledged is kept with its session: with `recovery` or a second chassis a restart loses none of it.',
  {
    wlc: setting(
      oneOf('server', 'proxy'),
      'server',
      'The records of WLCs that are RADIUS clients of a profile: `server` answers them when the session has them, `proxy` ' +
        'passes them on to the RADIUS servers and answers when one of these has.',
    ),
    own: optional(
      flag(),
      '`true`, with wlc: proxy `false`',
      'Whether the gateway keeps an account of its own for each session: one for its life, wherever the UE goes.',
    ),
    'interim-interval': hot(
      optional(
        seconds('60s', '1d'),
        'what the Access-Accept says, and if it says nothing, none',
        'Between two INTERIMs of a session. A configured one wins over that of AAA (RFC 2869 section 2.1).',
      ),
    ),
    'idle-timeout': hot(
      setting(
        seconds('1m', '7d'),
        '1h',
        'How long a session that an Accounting-Start has begun may have no packet before it ends, if AAA gives no Idle-Timeout: ' +
          'when its STOP is lost, nothing else would end it. Default: longer than phones sleep.',
      ),
    ),
    'handover-hold-down': hot(
      setting(
        milliseconds('1s', '10m'),
        '5s',
        'After a record, for how long changes of a session wait to be told together, so that a UE that goes to and fro does ' +
          'not burden the servers. Default: longer than a UE needs to decide.',
      ),
    ),
    'owed-max': hot(
      setting(
        integer(1, 10_000_000),
        1_000_000,
        'Accounts that outlive their sessions while no server answers; beyond it the newest STOP is dropped. Default: an hour ' +
          'of 270 sessions a second that end.',
      ),
    ),
  },
);
