/** What an operator is to look at until it is over. */
export type Alarm =
  | 'peer-silent'
  | 'clock-skew'
  | 'configuration-differs'
  | 'same-mode'
  | 'promotion-slow'
  | 'promotion-failed'
  | 'standby-not-ready'
  | 'older-store';
