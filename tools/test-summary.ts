// Prints "N passed, N failed" from Vitest's JSON report; a skipped test fails here, because everything is installed.
import { readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const report = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Report;
let failed = 0;
for (const file of report.testResults) {
  const bad = file.assertionResults.filter(({ status }) => status !== 'passed');
  for (const { fullName, status } of bad) console.log(`${status}: ${fullName}`);
  // A file that cannot be loaded fails without any test of its own having failed.
  const unloaded = file.status !== 'passed' && !bad.some(({ status }) => status === 'failed');
  if (unloaded) console.log(`failed: ${file.name}`);
  failed += bad.length + (unloaded ? 1 : 0);
}
if (report.numPassedTests === 0) console.log('no test ran');
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1;
