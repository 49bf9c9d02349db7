/** The one listener of this page: plugins share it. */
import type { JupyterFrontEnd } from '@jupyterlab/application';

import { Push } from './push';

const pushes = new WeakMap<object, Push>();

export function pushOf(app: JupyterFrontEnd): Push {
  const { events } = app.serviceManager;
  let push = pushes.get(events);
  if (!push) {
    push = new Push(events.stream);
    pushes.set(events, push);
  }
  return push;
}
