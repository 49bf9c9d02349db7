/** What happened to a request, by the kind of its message; a kind that is not known keeps the server's own words. */
import type { TranslationBundle } from '@jupyterlab/translation';

export function noticeText(kind: string, text: string, trans: TranslationBundle): string {
  switch (kind) {
    case 'submitted':
      return trans.__('waits for your check');
    case 'returned':
      return trans.__('was returned to you');
    case 'approved':
      return trans.__('was approved');
    case 'rejected':
      return trans.__('was rejected');
    case 'released':
      return trans.__('was released: its bundle can be downloaded');
    case 'withdrawn':
      return trans.__('was withdrawn by its authors');
    case 'expired':
      return trans.__('has expired');
    case 'commented':
      return trans.__('has a new comment');
    default:
      return text;
  }
}
