type Row = Readonly<Record<string, unknown>>;

/**
 * An answer as comma-separated values (RFC 4180, a line each without its end): its first list of rows, or itself as the
 * only row where it has none. Fields of fields are `outer.inner`; a list of plain values is one field.
 */
export function csvLines(data: unknown): string[] {
  const rows = rowsOf(data).map((row) => flat(row));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return [
    columns.map(csvField).join(','),
    ...rows.map((row) => columns.map((column) => csvField(row.get(column))).join(',')),
  ];
}

/** An answer as a JSON document for each of its rows, or for itself where it has none. */
export function jsonLines(data: unknown): string[] {
  return (isRow(data) ? rowsOf(data) : [data]).map((row) => JSON.stringify(row));
}

/** How many rows an answer has; undefined where that is not clear. */
export function rowCount(data: unknown): number | undefined {
  const lists = isRow(data) ? Object.values(data).filter((value) => Array.isArray(value)) : [];
  return lists.length === 1 ? lists[0]!.length : undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rowsOf(data: unknown): readonly Row[] {
  if (!isRow(data)) return [];
  const lists = Object.values(data).filter((value): value is Row[] => Array.isArray(value) && value.every(isRow));
  return lists.find((list) => list.length > 0) ?? (lists.length > 0 ? [] : [data]);
}

function flat(row: Row, prefix = '', into = new Map<string, unknown>()): Map<string, unknown> {
  for (const [key, value] of Object.entries(row)) {
    if (isRow(value)) flat(value, `${prefix}${key}.`, into);
    else into.set(prefix + key, value);
  }
  return into;
}

/** A value as a field of a line: in quotes where it has to be. */
export function csvField(value: unknown): string {
  const text = Array.isArray(value)
    ? value.map((one) => (isRow(one) ? JSON.stringify(one) : String(one))).join(' ')
    : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
