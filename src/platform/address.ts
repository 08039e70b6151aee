/** What of an address may be shown and kept: neither user and password nor its query, where tokens stand. */

/** Punctuation of the sentence behind an address is not part of it. */
const ADDRESS = /\b(https?|rediss?):\/\/([^\s'"]*?)(?=[:;,.)]*(?:[\s'"]|$))/gi;

/** The text with every address in it as it may be shown. */
export function withoutSecrets(text: string): string {
  return text.replace(ADDRESS, (_, scheme: string, rest: string) => {
    const [place, query] = splitOnce(rest, '?');
    // A password of Redis may hold anything, an '@' in a path of the web is no secret.
    const credentials = /^redis/i.test(scheme) ? /^.*@/ : /^[^/]*@/;
    return `${scheme}://${place.replace(credentials, '')}${query === undefined || /^redis/i.test(scheme) ? '' : '?…'}`;
  });
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
