/** Keeps elements marked `data-live` up to date; without scripts a page stays as it was loaded. */
export const liveScript = `
const live = document.querySelector('[data-live]');
if (live) {
  const refresh = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const now = page.querySelector('[data-live]');
    if (!now || now.innerHTML === live.innerHTML) return;
    const open = new Set([...live.querySelectorAll('details[open]')].map(({ id }) => id));
    const focused = document.activeElement && live.contains(document.activeElement) ? document.activeElement.id : '';
    live.innerHTML = now.innerHTML;
    for (const details of live.querySelectorAll('details')) details.open = open.has(details.id);
    if (focused) document.getElementById(focused)?.focus();
    const status = document.getElementById('live-status');
    if (status) status.textContent = 'Something new arrived.';
  };
  let running;
  let again = false;
  const soon = () => {
    if (running) { again = true; return; }
    running = refresh().catch(() => {}).finally(() => { running = undefined; if (again) { again = false; soon(); } });
  };
  new EventSource('/manager/events').addEventListener('change', soon);
}
`;
