/** A small page to try the server; it needs nothing else and asks nobody else. */
import { createHash } from 'node:crypto';

const SCRIPT = `
const form = document.querySelector('form');
const answer = document.querySelector('tbody');
const message = document.querySelector('[role=status]');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { text, token } = form.elements;
  const headers = { 'content-type': 'application/json' };
  if (token.value) headers.authorization = 'Bearer ' + token.value;
  message.textContent = '…';
  answer.replaceChildren();
  try {
    const response = await fetch('predict', { method: 'POST', headers, body: JSON.stringify({ inputs: text.value }) });
    const body = await response.json();
    message.textContent = response.ok ? '' : body.error;
    if (!response.ok) return;
    for (const { label, score } of body[0]) {
      const row = answer.insertRow();
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

/** @param secured whether a token is asked for */
export function renderTryPage(secured: boolean): string {
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
<form>
<label for="text">Text</label>
<textarea id="text" name="text" rows="6" required></textarea>
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
