import { ServerConnection } from '@jupyterlab/services';

import { requestAPI } from '../src/request';

import { trans } from './lib';

const makeRequest = ServerConnection.makeRequest as jest.Mock;

function answers(status: number, body: unknown): void {
  const json = body === undefined ? () => Promise.reject(new Error('no JSON')) : () => Promise.resolve(body);
  makeRequest.mockResolvedValueOnce({ ok: status < 400, status, json });
}

test('asks under the base URL', async () => {
  answers(200, { budgets: [] });
  await expect(requestAPI('budget', trans)).resolves.toEqual({ budgets: [] });
  expect(makeRequest.mock.calls[0][0]).toBe('/base/kernel-guard/api/budget');
});

test('arguments are escaped, empty ones left out', async () => {
  answers(200, {});
  await requestAPI('concepts', trans, { params: { study: 'a&b', q: '', ancestor: undefined } });
  expect(makeRequest.mock.lastCall?.[0]).toBe('/base/kernel-guard/api/concepts?study=a%26b');
});

test('a change is sent as JSON', async () => {
  answers(200, {});
  await requestAPI('review/basket', trans, { body: { key: '1' } });
  expect(makeRequest.mock.lastCall?.[1]).toEqual({
    method: 'POST',
    body: '{"key":"1"}',
    headers: { 'Content-Type': 'application/json' }
  });
});

test('keeps the words of the vault', async () => {
  answers(503, { error: { code: 'vault_unavailable', message: 'Down.', hint: 'Start it.' } });
  await expect(requestAPI('budget', trans)).rejects.toMatchObject({ code: 'vault_unavailable', hint: 'Start it.' });
});

test.each([
  [404, {}, 'not_guarded'],
  [500, undefined, 'unexpected_answer'],
  [200, undefined, 'unexpected_answer'],
  [500, { message: 'other shape' }, 'unexpected_answer']
])('status %i with body %j is %s', async (status, body, code) => {
  answers(status, body);
  await expect(requestAPI('status', trans)).rejects.toMatchObject({ code });
});

test('a server that is gone is said in words', async () => {
  makeRequest.mockRejectedValueOnce(new TypeError('fetch failed'));
  await expect(requestAPI('status', trans)).rejects.toMatchObject({ code: 'server_unreachable' });
});
