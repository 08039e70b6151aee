/** A small page to try the server; it needs nothing else and asks nobody else. */
import { createHash } from 'node:crypto';
import type { Accepted } from './accepted.js';

const SCRIPT = `
const form = document.querySelector('form');
const answer = document.querySelector('tbody');
const message = document.querySelector('[role=status]');
const { kind, channels } = form.dataset;

/** Numbers of a step in each line where there are several channels. */
function signalOf(text) {
  const numbers = (part) => part.split(/[\\s,;]+/).filter((word) => word !== '').map((word) => {
    const value = Number(word);
    if (Number.isNaN(value)) throw new Error(word + ' is not a number');
    return value;
  });
  if (channels === '1') return { values: numbers(text) };
  return { values: text.split('\\n').filter((line) => line.trim() !== '').map(numbers) };
}

function bodyOf() {
  const file = form.elements.file?.files[0];
  if (file) return [kind === 'signal' ? 'audio/wav' : 'application/octet-stream', file];
  const texts = [...form.querySelectorAll('textarea')];
  const text = texts[0].value;
  const fields = () => Object.fromEntries(texts.map((area) => [area.dataset.field, area.value]));
  const inputs = kind === 'signal' ? signalOf(text) : texts[0].dataset.field ? fields() : text;
  return ['application/json', JSON.stringify({ inputs })];
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  message.textContent = '…';
  answer.replaceChildren();
  try {
    const [type, body] = bodyOf();
    const headers = { 'content-type': type };
    const token = form.elements.token.value;
    if (token) headers.authorization = 'Bearer ' + token;
    const response = await fetch('predict', { method: 'POST', headers, body });
    const result = await response.json();
    message.textContent = response.ok ? '' : result.error;
    if (!response.ok) return;
    for (const { label, score, chosen } of result[0]) {
      const row = answer.insertRow();
      if (chosen !== undefined) row.insertCell().textContent = chosen ? '✓' : '';
      row.insertCell().textContent = label;
      row.insertCell().textContent = (100 * score).toFixed(1) + ' %';
    }
  } catch (error) {
    message.textContent = 'no answer: ' + error.message;
  }
});
`;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
textarea, input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; }
label { display: block; margin: 1rem 0 .25rem; }
button { font: inherit; margin: 1rem 0; padding: .5rem 1.5rem; }
td { padding: .25rem 2rem .25rem 0; font-variant-numeric: tabular-nums; }
`;

/** No script, style or address but these. */
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
export const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: [hashOf(SCRIPT)],
  styleSrc: [hashOf(STYLE)],
  connectSrc: ["'self'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What the model takes, as parts of a form. */
function controlsOf({ kind, fields, channels = 1, rate }: Accepted): string {
  if (kind === 'signal') {
    const speed = rate === undefined ? '' : `, ${rate} steps a second`;
    const rows = channels === 1 ? 'numbers' : `a line for each step, of ${channels} numbers`;
    return `<label for="file">Sound (WAV${speed})</label>
<input id="file" name="file" type="file" accept=".wav,audio/wav">
<label for="text">Or ${rows}</label>
<textarea id="text" rows="6"></textarea>`;
  }
  if (kind === 'bytes') {
    return `<label for="file">File</label>
<input id="file" name="file" type="file">
<label for="text">Or a text</label>
<textarea id="text" rows="6"></textarea>`;
  }
  if (fields === undefined) {
    return `<label for="text">Text</label>
<textarea id="text" rows="6" required></textarea>`;
  }
  return fields
    .map((field, i) => {
      const name = escapeHtml(field);
      return `<label for="text${i}">${name}</label>
<textarea id="text${i}" data-field="${name}" rows="4"></textarea>`;
    })
    .join('\n');
}

/** @param secured whether a token is needed */
export function renderTryPage(secured: boolean, accepted: Accepted): string {
  const token = secured
    ? '<label for="token">Token</label><input id="token" name="token" type="password" autocomplete="off">'
    : '<input name="token" type="hidden" value="">';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>elastic-fourier: try the model</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Try the model</h1>
<form data-kind="${accepted.kind}" data-channels="${accepted.channels ?? 1}">
${controlsOf(accepted)}
${token}
<button>Label it</button>
</form>
<p role="status"></p>
<table><tbody></tbody></table>
<p><a href="openapi.json">openapi.json</a></p>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
