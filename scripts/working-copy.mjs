import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What is here now, committed or not, in a folder of its own with its dependencies: to be spoilt and thrown away. */
export function makeWorkingCopy() {
  const home = mkdtempSync(join(tmpdir(), 'check-self-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  for (const file of listed.split('\0')) if (file !== '' && existsSync(file)) cpSync(file, join(home, file));

  // A spoilt manifest is the fault to find: nothing may put it right, or stop at it, before the check sees it.
  const env = { ...process.env, pnpm_config_verify_deps_before_run: 'false', REPORTS: undefined, NO_COLOR: '1', FORCE_COLOR: undefined };
  execFileSync('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], { cwd: home, env, stdio: ['ignore', 'inherit', 'inherit'] });

  return {
    home,

    /** Runs one check. */
    check(/** @type {string} */ name) {
      const { status, stdout, stderr } = spawnSync('pnpm', ['run', '--silent', `check:${name}`], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 28 });
      return { green: status === 0, output: `${stdout}${stderr}` };
    },

    /** Plants files; gives back what puts everything right again. */
    plant(/** @type {Record<string, string | ((text: string) => string)>} */ files) {
      const undo = Object.entries(files).map(([name, content]) => {
        const file = join(home, name);
        const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
        const newFolder = mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === 'string' ? content : content(before ?? ''));
        return () => {
          if (before === undefined) rmSync(newFolder ?? file, { recursive: true });
          else writeFileSync(file, before);
        };
      });
      return () => undo.forEach((restore) => restore());
    },

    remove() {
      rmSync(home, { recursive: true, force: true });
    },
  };
}
