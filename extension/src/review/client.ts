/**
 * Requests and reviews as the pages ask for them.
 *
 * - A changing call carries the revision that was read and a key of its own, so a double click changes nothing twice.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import { apiUrl, requestAPI } from '../request';

import type {
  IAuditPage,
  IGroup,
  INotifications,
  IRequest,
  IRequestList,
  ISession
} from './types';

export interface INewItem {
  kind: string;
  name: string;
  content: Record<string, unknown>;
  /** The label that the guard signed, of a table, figure or model. */
  seal?: Record<string, unknown>;
}

export interface IBallot {
  item: string;
  vote: 'approve' | 'request_changes';
  reason: string;
}

type Body = Record<string, unknown>;

export class ReviewClient {
  constructor(private readonly trans: TranslationBundle) {}

  session(): Promise<ISession> {
    return requestAPI('session', this.trans);
  }

  signIn(user: string, password: string): Promise<ISession> {
    return requestAPI('session', this.trans, { body: { user, password } });
  }

  signOut(): Promise<ISession> {
    return requestAPI('session/end', this.trans, { body: {} });
  }

  signInByHub(): Promise<ISession> {
    return requestAPI('session/hub', this.trans, { body: {} });
  }

  async signInElsewhere(): Promise<string> {
    const redirect = new URL(apiUrl('session/oidc/return'), window.location.href).href;
    const { url } = await requestAPI<{ url: string }>('session/oidc/start', this.trans, { body: { redirect } });
    return url;
  }

  list(view: 'mine' | 'queue' | 'all', before?: string): Promise<IRequestList> {
    return requestAPI('review/requests', this.trans, { params: { view, before, limit: 50 } });
  }

  request(id: string): Promise<IRequest> {
    return requestAPI(`review/requests/${encodeURIComponent(id)}`, this.trans);
  }

  basket(project: string): Promise<{ request: IRequest | null }> {
    return requestAPI('review/basket', this.trans, { params: { project } });
  }

  addToBasket(project: string, item: INewItem): Promise<IRequest> {
    return this._post('review/basket', { project, item });
  }

  create(project: string, title: string): Promise<IRequest> {
    return this._post('review/requests', { project, title });
  }

  putItem(request: IRequest, group: string, item: INewItem): Promise<IRequest> {
    return this._change(request, 'items', { group, item });
  }

  rename(request: IRequest, title: string): Promise<IRequest> {
    return this._change(request, 'title', { title });
  }

  /** withdraw, return, approve, reject, release, submit, or what else `actions` names. */
  act(request: IRequest, action: string, more: Body = {}): Promise<IRequest> {
    return this._change(request, action, more);
  }

  vote(request: IRequest, votes: IBallot[]): Promise<IRequest> {
    return this._change(request, 'votes', { votes });
  }

  describe(request: IRequest, groups: Pick<IGroup, 'id' | 'context' | 'controls'>[]): Promise<IRequest> {
    return this._change(request, 'groups', { groups });
  }

  removeItem(request: IRequest, item: string): Promise<IRequest> {
    return this._change(request, 'items/remove', { item });
  }

  justify(request: IRequest, item: string, justification: string): Promise<IRequest> {
    return this._change(request, 'items/justify', { item, justification });
  }

  comment(request: IRequest, text: string, visibility: string, item: string | null): Promise<IRequest> {
    return this._post(`review/requests/${encodeURIComponent(request.id)}/comments`, { text, visibility, item });
  }

  notifications(): Promise<INotifications> {
    return requestAPI('review/notifications', this.trans);
  }

  markRead(): Promise<INotifications> {
    return requestAPI('review/notifications/read', this.trans, { body: { all: true } });
  }

  audit(filters: Record<string, string>, before?: number): Promise<IAuditPage> {
    return requestAPI('review/audit', this.trans, { params: { ...filters, before, limit: 200 } });
  }

  verifyAudit(): Promise<{ intact: boolean; rows: number; first_bad: number | null; reason: string }> {
    return requestAPI('review/audit/verify', this.trans);
  }

  private _change(request: IRequest, path: string, more: Body): Promise<IRequest> {
    const { id, revision } = request;
    return this._post(`review/requests/${encodeURIComponent(id)}/${path}`, { revision, ...more });
  }

  private _post(path: string, body: Body): Promise<IRequest> {
    return requestAPI(path, this.trans, { body: { key: UUID.uuid4(), ...body } });
  }
}
