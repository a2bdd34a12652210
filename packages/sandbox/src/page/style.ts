/** The look of all pages. */
export const style = `
:root { color-scheme: light; --ink: #1c2430; --soft: #4a5666; --line: #c9d1db; --wash: #f3f6f9; --link: #0b57a4; --good: #14632d; --bad: #a01818; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0.75rem 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; border-bottom: 1px solid var(--line); }
.name { margin: 0; font-weight: 600; }
nav a { margin-right: 1rem; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
a { color: var(--link); }
:focus-visible { outline: 3px solid #c25e00; outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: #fff; padding: 0.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 0.5rem; }
h2 { font-size: 1.25rem; margin: 1.75rem 0 0.5rem; }
h3 { font-size: 1.05rem; margin: 1.25rem 0 0.25rem; }
footer, .soft { color: var(--soft); font-size: 0.9rem; }
form { display: grid; gap: 0.75rem; max-width: 34rem; }
form.inline { display: inline; }
fieldset { border: 1px solid var(--line); border-radius: 6px; display: grid; gap: 0.5rem; margin: 0; padding: 0.75rem; }
label { display: block; font-weight: 600; }
label.choice { font-weight: 400; }
select, input:not([type=radio]):not([type=checkbox]) { display: block; width: 100%; font: inherit; padding: 0.5rem; border: 1px solid #6b7785; border-radius: 4px; background: #fff; color: inherit; }
button { font: inherit; padding: 0.5rem 1rem; border: 1px solid var(--link); border-radius: 4px; background: var(--link); color: #fff; cursor: pointer; }
button.plain { background: #fff; color: var(--link); }
.row { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: var(--wash); }
thead th { overflow-wrap: normal; }
.versions { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
.version { border: 1px solid var(--line); border-radius: 6px; padding: 0 1rem 0.75rem; min-width: 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 0.75rem; margin: 0.5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.switches { display: grid; gap: 0.5rem; list-style: none; padding: 0; }
.switches li { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; }
ul.plain { list-style: none; padding: 0; }
ins { background: #dff3e4; text-decoration: none; }
del { background: #fbe3e3; }
.ok { color: var(--good); font-weight: 600; }
.error { color: var(--bad); font-weight: 600; }
pre { overflow-x: auto; background: var(--wash); padding: 0.75rem; border-radius: 6px; }
code { overflow-wrap: anywhere; }
svg text { font: 13px system-ui, sans-serif; fill: #1c2430; }
@media (max-width: 40rem) {
  table, tbody, tr, th[scope=row], td { display: block; }
  thead { position: absolute; left: -99rem; }
  tbody tr { border-bottom: 2px solid var(--line); padding: 0.25rem 0; }
  tbody th, td { border: 0; padding: 0.15rem 0.6rem; }
  [data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-weight: 400; }
}
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: 6px; }
`;
