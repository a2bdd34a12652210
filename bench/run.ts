import { writeFileSync } from 'node:fs';
import type { ExchangeResult } from './exchange/exchange-row.ts';
import { amqp091Throughput } from './exchange/amqp-0-9-1-throughput.ts';
import { amqp10Throughput } from './exchange/amqp-1-0-throughput.ts';
import { kafkaThroughput } from './exchange/kafka-throughput.ts';
import { measureExchange } from './exchange/measure-exchange.ts';
import { receiveThroughput } from './exchange/receive-throughput.ts';
import { sendOverhead } from './exchange/send-overhead.ts';
import { exchangeFailuresIn, failuresIn } from './failures.ts';
import { inputOf } from './inputs.ts';
import { measureRow } from './measure.ts';
import type { Result } from './measure.ts';
import { exchangeTableOf, tableOf } from './report.ts';
import { fhirclientOverhead, medplumOverhead } from './rows/adapter-overhead.ts';
import { bundle } from './rows/bundle.ts';
import { check } from './rows/check.ts';
import { create } from './rows/create.ts';
import { editOne } from './rows/edit-one.ts';
import { parseText } from './rows/parse-text.ts';
import { rename, renameAll } from './rows/rename.ts';
import { resolveAll, resolveAndRead } from './rows/resolve-all.ts';
import { reverseLinks } from './rows/reverse-links.ts';

const sizes = [100, 1000, 10000];
const rows = [resolveAll, resolveAndRead, parseText, bundle, check, editOne, rename, renameAll, reverseLinks, create, fhirclientOverhead, medplumOverhead];
const exchangeRows = [sendOverhead, receiveThroughput, kafkaThroughput, amqp091Throughput, amqp10Throughput];

// `pnpm bench graph.edit` measures the rows of that name, and leaves the written results alone.
const [wanted = ''] = process.argv.slice(2);
const wantedRows = rows.filter(({ name }) => name.includes(wanted));
const inputs = wantedRows.length > 0 ? sizes.map(inputOf) : [];
const results: Result[] = [];
const failures: string[] = [];
for (const row of wantedRows) {
  const ofRow: Result[] = [];
  for (const input of inputs) {
    console.error(`${row.name}, ${input.entries} entries`);
    ofRow.push(await measureRow(row, input));
  }
  results.push(...ofRow);
  failures.push(...failuresIn(row, ofRow));
}

const exchanges: ExchangeResult[] = [];
for (const row of exchangeRows.filter(({ name }) => name.includes(wanted))) {
  for (const entries of Object.keys(row.bars)) {
    console.error(`${row.name}, ${entries} entries`);
    exchanges.push(await measureExchange(row, inputOf(Number(entries))));
  }
}
failures.push(...exchangeFailuresIn(exchanges));

if (results.length > 0) console.log(`${tableOf(results)}\n`);
if (exchanges.length > 0) console.log(exchangeTableOf(exchanges));
if (wanted === '') {
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify([...results, ...exchanges], null, 2)}\n`);
}
if (failures.length > 0) {
  console.error(`\nNot as it has to be:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  process.exitCode = 1;
}
