/** What waits for a person: a count on the sidebar's icon, and a toast for each thing that is new. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Title, Widget } from '@lumino/widgets';

import { noticeText } from '../models/noticeText';

import type { ReviewClient } from './client';
import type { INotification } from './types';

/** More toasts than this at once are one that counts. */
const MOST = 3;

export class Inbox {
  constructor(
    private readonly client: ReviewClient,
    private readonly trans: TranslationBundle,
    private readonly title: Title<Widget>,
    private readonly open: (request: string, number: number) => void
  ) {
    this._caption = title.caption;
  }

  /** Ask; true when something came that was not there before. */
  async refresh(): Promise<boolean> {
    const { unread, notifications } = await this.client.notifications();
    this._count(unread);
    const fresh = notifications.filter(({ id, read }) => !read && id > this._newest);
    this._newest = Math.max(this._newest, ...notifications.map(({ id }) => id));
    if (fresh.length > MOST) {
      Notification.info(this.trans._n('%1 message about requests', '%1 messages about requests', fresh.length));
    } else {
      fresh.forEach(one => this._toast(one));
    }
    return fresh.length > 0;
  }

  private _toast({ request, number, title, kind, text }: INotification): void {
    Notification.info(this.trans.__('#%1 %2: %3', number, title, noticeText(kind, text, this.trans)), {
      autoClose: 8000,
      actions: [{ label: this.trans.__('Open'), callback: () => this._go(request, number) }]
    });
  }

  private _go(request: string, number: number): void {
    this.open(request, number);
    void this.client.markRead().then(({ unread }) => this._count(unread));
  }

  private _count(unread: number): void {
    const { title, trans } = this;
    // The rest of the set is the sidebar's: by it a click finds its panel.
    const { unread: _, ...kept } = title.dataset;
    title.dataset = unread > 0 ? { ...kept, unread: String(Math.min(unread, 99)) } : kept;
    title.caption = unread > 0 ? trans._n('%1 message about requests', '%1 messages about requests', unread) : this._caption;
  }

  private readonly _caption: string;
  private _newest = 0;
}
