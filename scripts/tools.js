/**
 * Where the programs are that some tests and benchmarks need, on Linux, macOS and Windows. Each look-up gives the
 * command, or undefined where there is none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @param {readonly string[]} names in the order of preference */
function inPath(names) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      for (const ending of endings) {
        const path = join(folder, name + ending);
        if (existsSync(path)) return path;
      }
    }
  }
  return undefined;
}

/** @returns {string[]} */
function chromiumPlaces() {
  const { HOME = '', PROGRAMFILES, 'PROGRAMFILES(X86)': PROGRAMFILES_X86, LOCALAPPDATA } = process.env;
  if (process.platform === 'darwin') {
    return ['/Applications', join(HOME, 'Applications')].flatMap((folder) =>
      ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) =>
        join(folder, `${name}.app`, 'Contents', 'MacOS', name),
      ),
    );
  }
  if (process.platform === 'win32') {
    return [PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA].flatMap((folder) =>
      folder === undefined
        ? []
        : [
            join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
            join(folder, 'Chromium', 'Application', 'chrome.exe'),
            join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
          ],
    );
  }
  return ['/usr/bin/chromium', '/snap/bin/chromium', '/opt/google/chrome/chrome'];
}

/** $CHROMIUM, or a browser of that kind in the usual places. Throws where $CHROMIUM is no file. */
export function findChromium() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM !== undefined && CHROMIUM !== '') {
    if (!existsSync(CHROMIUM)) throw new Error(`CHROMIUM=${CHROMIUM}: no such file`);
    return CHROMIUM;
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  return inPath(names) ?? chromiumPlaces().find((path) => existsSync(path));
}

export const findRedis = () => inPath(['redis-server']);

export const findOpenssl = () => inPath(['openssl']);

/** A Python that has PyTorch: $PYTHON, or the first of python3, /usr/bin/python3 and python that does. */
export function findTorch() {
  const hasTorch = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
  const { PYTHON } = process.env;
  const candidates = PYTHON ? [PYTHON] : ['python3', '/usr/bin/python3', 'python'];
  return candidates.find((command) => spawnSync(command, ['-c', hasTorch]).status === 0);
}
