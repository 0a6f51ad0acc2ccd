/** Lines cut at spaces where they are too long; what goes on is indented further. */
export function wrapped(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) => {
    // What is indented beyond half of the width would have no room to go on.
    const indent = `${/^ */.exec(line)![0].slice(0, width / 2)}  `;
    const parts: string[] = [];
    let rest = line;
    while (rest.length > width && width > indent.length + 1) {
      const space = rest.lastIndexOf(' ', width);
      const at = space > indent.length ? space : width;
      parts.push(rest.slice(0, at));
      rest = indent + rest.slice(at).trimStart();
    }
    return [...parts, rest];
  });
}
