/** Who one is towards the reviewers: the server's grant, or a signed-in person. The page never sees the session. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ISession } from '../../review/types';
import type { IGuardError } from '../../tokens';
import { Problem } from '../Problem';

export interface ISignInActions {
  signIn: (user: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  /** Sign in at the institution's own page. */
  elsewhere: () => Promise<void>;
  /** Sign in as the person whom JupyterHub let in. */
  byHub: () => Promise<void>;
}

export interface ISignInProps {
  session: ISession;
  actions: ISignInActions;
  trans: TranslationBundle;
}

export function SignIn({ session, actions, trans }: ISignInProps): React.ReactElement {
  const roles = [...new Set(session.rights.map(({ role }) => roleName(role, trans)))].join(', ');
  if (session.signed_in) {
    return (
      <p>
        {trans.__('Signed in as %1 (%2).', session.name || session.user, roles)}{' '}
        <button className="jp-KernelGuard-link" onClick={() => void actions.signOut()}>
          {trans.__('Sign out')}
        </button>
      </p>
    );
  }
  return (
    <>
      {session.kind === 'grant' && (
        <p className="jp-KernelGuard-quiet">{trans.__('You act as %1 (%2), by this server’s grant.', session.user, roles)}</p>
      )}
      <Form methods={session.methods} actions={actions} trans={trans} />
    </>
  );
}

interface IFormProps {
  methods: string[];
  actions: ISignInActions;
  trans: TranslationBundle;
}

function Form({ methods, actions, trans }: IFormProps): React.ReactElement {
  const [user, setUser] = React.useState('');
  const [password, setPassword] = React.useState('');
  const [error, setError] = React.useState<IGuardError | undefined>();
  const tell = (reason: unknown) => setError(reason as IGuardError);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setError(undefined);
    actions.signIn(user, password).catch(tell).finally(() => setPassword(''));
  };
  return (
    <details className="jp-KernelGuard-signIn">
      <summary>{trans.__('Sign in as checker, steward or auditor')}</summary>
      {methods.includes('password') && (
        <form onSubmit={submit}>
          <label>
            {trans.__('Name')}
            <input className="jp-mod-styled" autoComplete="username" value={user} onChange={event => setUser(event.target.value)} />
          </label>
          <label>
            {trans.__('Password')}
            <input
              className="jp-mod-styled"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={event => setPassword(event.target.value)}
            />
          </label>
          <button className="jp-mod-styled jp-mod-accept" type="submit" disabled={!user || !password}>
            {trans.__('Sign in')}
          </button>
        </form>
      )}
      {methods.includes('hub') && (
        <button className="jp-mod-styled" onClick={() => void actions.byHub().catch(tell)}>
          {trans.__('Sign in with JupyterHub')}
        </button>
      )}
      {methods.includes('oidc') && (
        <button className="jp-mod-styled" onClick={() => void actions.elsewhere().catch(tell)}>
          {trans.__('Sign in with your institution')}
        </button>
      )}
      {error && <Problem error={error} trans={trans} />}
    </details>
  );
}

function roleName(role: string, trans: TranslationBundle): string {
  switch (role) {
    case 'researcher':
      return trans.__('researcher');
    case 'checker':
      return trans.__('checker');
    case 'steward':
      return trans.__('steward');
    case 'auditor':
      return trans.__('auditor');
    case 'administrator':
      return trans.__('administrator');
    default:
      return role;
  }
}
