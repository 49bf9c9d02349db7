/**
 * The one function that talks HTTP to the guard's server extension.
 *
 * - Every failure becomes a GuardRequestError with a code, a message and what to do now.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IGuardError } from './tokens';

export class GuardRequestError extends Error implements IGuardError {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string
  ) {
    super(message);
  }
}

/** GET one of the guard's answers. */
export async function requestAPI<T>(
  name: 'status' | 'catalogue' | 'budget',
  trans: TranslationBundle
): Promise<T> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'kernel-guard', 'api', name);
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, {}, settings);
  } catch {
    throw new GuardRequestError(
      'server_unreachable',
      trans.__('The Jupyter server does not answer.'),
      trans.__('Check that it is running, then refresh.')
    );
  }
  if (response.status === 404) {
    throw new GuardRequestError(
      'not_guarded',
      trans.__('This Jupyter server has no guard.'),
      trans.__('Start it with the kernel-guard command.')
    );
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    throw fromBody(body, trans);
  }
  return body as T;
}

function fromBody(body: unknown, trans: TranslationBundle): GuardRequestError {
  const error = (body as { error?: Partial<IGuardError> } | null)?.error;
  return new GuardRequestError(
    error?.code ?? 'unexpected_answer',
    error?.message ?? trans.__('The server gave an answer that was not expected.'),
    error?.hint ?? trans.__('Reload the page. If it happens again, tell the operator.')
  );
}
