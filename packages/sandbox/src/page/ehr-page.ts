import type { Resource } from '@medplum/fhirtypes';
import { html } from 'hono/html';
import { choose } from './choose.ts';
import { layout } from './layout.ts';
import type { Html } from './layout.ts';
import { patientChoices, userChoices } from './people.ts';

/** Launches an app for a patient. */
export function ehrPage(people: readonly Resource[], baseUrl: string): Html {
  return layout({
    title: 'EHR',
    here: 'ehr',
    content: html`<h1>Launch your app</h1>
      <p>This is a small EHR. Choose who you are and which patient is open, and launch your app as an EHR does.</p>
      <form method="get" action="/launch">
        ${choose('user', 'You are', userChoices(people))} ${choose('patient', 'Patient', patientChoices(people))}
        <div>
          <label for="app">Launch URL of your app</label>
          <input id="app" name="app" type="url" required placeholder="http://127.0.0.1:5173/launch.html" aria-describedby="app-note" />
          <p id="app-note" class="soft">The page that calls <code>FHIR.oauth2.authorize</code>. It has to be on this machine.</p>
        </div>
        <label class="choice"><input type="checkbox" name="visit" value="yes" checked /> During a visit (an encounter goes with the launch)</label>
        <label class="choice"><input type="checkbox" name="frame" value="yes" /> Inside this EHR, in a frame of another site</label>
        <div><button>Launch</button></div>
      </form>
      <h2>Or start in the app</h2>
      <p>For a standalone launch give your app this FHIR server, and any client id: <code>${baseUrl}</code></p>`,
  });
}

/** An app inside the EHR. */
export function framePage(url: string): Html {
  return layout({
    title: 'App',
    content: html`<h1>Your app, inside the EHR</h1>
      <iframe src="${url}" title="The launched app"></iframe>`,
  });
}
