import type { Resource } from '@medplum/fhirtypes';
import { html } from 'hono/html';
import type { AuthorizationRequest } from '../launch/authorization-request.ts';
import { scopesIn } from '../launch/scopes.ts';
import { choose } from './choose.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { pageResponse } from './page-response.ts';
import { patientChoices, userChoices } from './people.ts';

/** Asks who uses the app and for whom; the app's own request goes with the answer. */
export function authorizePage(parameters: URLSearchParams, { clientId, scope }: AuthorizationRequest, people: readonly Resource[]): Html {
  const scopes = scopesIn(scope);
  // An encounter needs its patient.
  const wantsPatient = scopes.some((name) => ['launch/patient', 'launch/encounter'].includes(name) || name.startsWith('patient/'));
  return layout({
    title: 'Sign in',
    content: html`<h1>An app asks for access</h1>
      <p><strong>${clientId}</strong> asks for these scopes:</p>
      <ul>
        ${scopes.map((name) => html`<li><code>${name}</code></li>`)}
      </ul>
      <form method="post" action="/auth/authorize">
        ${[...parameters].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        ${choose('user', 'You are', userChoices(people))} ${wantsPatient ? choose('patient', 'Patient', patientChoices(people)) : ''}
        <div class="row">
          <button name="answer" value="allow">Allow</button>
          <button class="plain" name="answer" value="deny">Deny</button>
        </div>
      </form>`,
  });
}

/** Says why a request cannot be answered, where there is no app to tell. */
export function refusalPage(description: string): Promise<Response> {
  return pageResponse(layout({ title: 'Not possible', content: html`<h1>This launch cannot go on</h1><p>${description}</p>` }), 400);
}
