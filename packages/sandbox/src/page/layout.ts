import { html } from 'hono/html';

/** A piece of a page; values that are put into it are escaped. */
export type Html = ReturnType<typeof html>;

/** A page of the sandbox. */
export interface PageParts {
  readonly title: string;
  readonly here?: 'ehr' | 'manager';
  readonly content: Html;
}

/** A whole page, with links to the others. */
export function layout({ title, here, content }: PageParts): Html {
  const current = (name: PageParts['here']): Html => (name === here ? html`aria-current="page"` : html``);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · FHIR messaging sandbox</title>
        <link rel="stylesheet" href="/page.css" />
        <link rel="icon" href="data:," />
        <script src="/live.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <p class="name">FHIR messaging sandbox</p>
          <nav aria-label="Sandbox">
            <a href="/" ${current('ehr')}>EHR</a>
            <a href="/manager" ${current('manager')}>Referral manager</a>
          </nav>
        </header>
        <main id="content" tabindex="-1">${content}</main>
        <footer><p>Everybody here is made up. Everything is kept in memory, on this machine, until the sandbox stops.</p></footer>
      </body>
    </html>`;
}
