/** Asks the kernel of a notebook for a JSON value, beside its cells: nothing is kept in history or notebook. */
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { GuardRequestError } from './request';

interface IContent {
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
}

/** The first `application/json` output of `code`; a Python error becomes a GuardRequestError with its words. */
export async function askKernel(
  kernel: Kernel.IKernelConnection,
  code: string,
  trans: TranslationBundle
): Promise<unknown> {
  const future = kernel.requestExecute({ code, store_history: false, stop_on_error: false, allow_stdin: false });
  let found: unknown;
  let failed: IContent | undefined;
  future.onIOPub = ({ header, content }) => {
    const { data } = content as IContent;
    if (header.msg_type === 'display_data' && data && 'application/json' in data) {
      found ??= data['application/json'];
    } else if (header.msg_type === 'error') {
      failed = content as IContent;
    }
  };
  await future.done;
  if (failed) {
    const hint =
      failed.ename === 'NameError'
        ? trans.__('Run the cells above first, so that the kernel knows the names.')
        : trans.__('The cell has to end with a question, such as person.count_patients().');
    throw new GuardRequestError('kernel_error', `${failed.ename}: ${failed.evalue}`, hint);
  }
  return found;
}
