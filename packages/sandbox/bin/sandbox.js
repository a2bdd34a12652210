#!/usr/bin/env node
// Starts a sandbox, says where to click, and stops on Ctrl-C.
import { createSandbox } from '@fhir-messaging/sandbox';
import { parseArgs } from 'node:util';

const usage = 'fhir-messaging sandbox [--port <number>]     (8410 where nothing is said, 0 for a free one)';

function readOptions() {
  try {
    const { values } = parseArgs({ args: process.argv.slice(2).filter((argument) => argument !== '--'), options: { port: { type: 'string', default: '8410' }, help: { type: 'boolean', default: false } } });
    const port = Number(values.port);
    return { help: values.help, port: Number.isInteger(port) && port >= 0 && port <= 65535 ? port : undefined };
  } catch {
    return {};
  }
}

const { help, port } = readOptions();
if (help) {
  console.log(usage);
  process.exit(0);
}
if (port === undefined) {
  console.error(usage);
  process.exit(2);
}

try {
  const sandbox = await createSandbox({ port });
  console.log(`
The sandbox is up, for this machine only. Click:

  EHR, to launch your app      ${sandbox.ehrUrl}
  Referral manager             ${sandbox.managerUrl}

For a standalone launch, the FHIR server is ${sandbox.baseUrl}
Ctrl-C stops it, and forgets everything.
`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void sandbox.close().then(() => console.log('Stopped.')));
  }
} catch (error) {
  const taken = error.code === 'EADDRINUSE';
  console.error(taken ? `Port ${port} is taken: choose another with --port, or --port 0 for a free one.` : error.message);
  process.exit(1);
}
