/** What `eft serve` may be asked to be. */
import { describe, expect, it } from 'vitest';
import { serverOptionsSchema } from '#eft/server/options.js';

const messageOf = (options: object): string => {
  const parsed = serverOptionsSchema.safeParse(options);
  return parsed.success ? '' : parsed.error.issues.map(({ message }) => message).join('; ');
};

describe('a token', () => {
  it.each(['s', 'open sesame', '!~', 'a  b', 'x'.repeat(4000)])('%j is carried by headers', (token) => {
    expect(messageOf({ token })).toBe('');
    expect(new Headers({ authorization: `Bearer ${token}` }).get('authorization')).toBe(`Bearer ${token}`);
  });
  it.each([' secret', 'secret ', 'two\nlines', 'a\ttab', 'null\0', 'пароль', 'é', '😀'])(
    '%j is refused',
    (token) => {
      expect(messageOf({ token })).toContain('no HTTP header carries this token');
    },
  );
  it('must not be empty', () => {
    expect(messageOf({ token: '' })).toContain('must not be empty');
  });
});

describe('a name of the server', () => {
  it.each([
    ['API.example', 'api.example'],
    ['127.0.0.2', '127.0.0.2'],
    ['[::1]', '[::1]'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('%s', (name, expected) => {
    expect(serverOptionsSchema.parse({ allowHost: [name] }).allowHost).toEqual([expected]);
  });
  it.each([
    'https://api.example',
    'api.example:80',
    'api.example:8080',
    'api.example/x',
    'a b',
    '',
    '::1',
    'u@a',
  ])('not %j', (name) => {
    expect(messageOf({ allowHost: [name] })).toContain(`'${name}' is not a host name`);
  });
});

it.each([0, -1, 3600.5, Number.NaN, Number.POSITIVE_INFINITY])('no time limit of %d s', (timeout) => {
  expect(messageOf({ timeout })).not.toBe('');
});
