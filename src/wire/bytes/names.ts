/** The name that a table of numbers gives to one of them, or the number itself. For descriptions, not for hot paths. */
export function nameIn(table: Readonly<Record<string, number>>, value: number): string {
  for (const name in table) if (table[name] === value) return name;
  return String(value);
}
