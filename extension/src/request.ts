/**
 * The one function that talks HTTP to the guard's server extension.
 *
 * - Every failure becomes a GuardRequestError with a code, a message and what to do now.
 * - A body makes it a POST; JupyterLab's own request function adds the token against cross-site requests.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { localText } from './models/localText';
import type { IGuardError } from './tokens';

export class GuardRequestError extends Error implements IGuardError {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly details: Record<string, unknown> = {}
  ) {
    super(message);
  }
}

export interface IAsk {
  params?: Record<string, string | number | undefined>;
  body?: Record<string, unknown>;
}

/** Where one of the guard's paths is, for a link that the browser follows itself. */
export function apiUrl(path: string, params: IAsk['params'] = {}): string {
  const { baseUrl } = ServerConnection.makeSettings();
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return URLExt.join(baseUrl, 'kernel-guard', 'api', path) + (query ? `?${query}` : '');
}

/** One of the guard's answers. */
export async function requestAPI<T>(path: string, trans: TranslationBundle, ask: IAsk = {}): Promise<T> {
  const settings = ServerConnection.makeSettings();
  const headers = { 'Content-Type': 'application/json' };
  const init = ask.body ? { method: 'POST', body: JSON.stringify(ask.body), headers } : {};
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(apiUrl(path, ask.params), init, settings);
  } catch {
    throw new GuardRequestError(
      'server_unreachable',
      trans.__('The Jupyter server does not answer.'),
      trans.__('Check that it is running, then refresh.')
    );
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    throw fromBody(body, response.status, trans);
  }
  return body as T;
}

/** The vault's own words where there are some; a path that is unknown says that there is no guard, or an older one. */
function fromBody(body: unknown, status: number, trans: TranslationBundle): GuardRequestError {
  const error = (body as { error?: Partial<GuardRequestError> } | null)?.error;
  if (!error?.code && status === 404) {
    return new GuardRequestError(
      'not_guarded',
      trans.__('This Jupyter server has no guard, or an older one that does not know this.'),
      trans.__('Start it with the kernel-guard command; if it is, upgrade kernel-guard and reload the page.')
    );
  }
  return new GuardRequestError(
    error?.code ?? 'unexpected_answer',
    error?.message ? localText(error.message, trans) : trans.__('The server gave an answer that was not expected.'),
    error?.hint !== undefined ? localText(error.hint, trans) : trans.__('Reload the page. If it happens again, tell the operator.'),
    error?.details ?? {}
  );
}
