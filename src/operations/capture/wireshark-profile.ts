/** What Wireshark shows of a packet of `captureOf`, beside what it always does. */
const columns: readonly (readonly [title: string, field: string])[] = [
  ['No.', '%m'],
  ['Time', '%t'],
  ['Leg', '%Cus:frame.interface_name:0:R'],
  ['Source', '%s'],
  ['Destination', '%d'],
  ['Protocol', '%p'],
  ['Info', '%i'],
  ['What the gateway made of it', '%Cus:frame.comment:0:R'],
];

/**
 * The files of a profile of Wireshark by their names: the leg and the decisions of the gateway are columns, addresses have the names that
 * the file has, and refusals stand out.
 */
export function wiresharkProfile(): Readonly<Record<string, string>> {
  const format = columns.map((column) => column.map((text) => JSON.stringify(text)).join(', ')).join(', ');
  return {
    preferences: [
      '# samog capture … wireshark FOLDER',
      `gui.column.format: ${format}`,
      'nameres.network_name: TRUE',
      'nameres.dns_pkt_addr_resolution: FALSE',
      'nameres.use_external_name_resolver: FALSE',
      '',
    ].join('\n'),
    colorfilters: [
      '# samog capture … wireshark FOLDER',
      '@Refused@frame.comment matches "(denied|failed|rejected|dropped|timeout)"@[65535,52428,52428][32768,0,0]',
      '@Handover@frame.comment contains "handover-accepted"@[52428,65535,52428][0,24576,0]',
      '',
    ].join('\n'),
  };
}
