/** A React element as a tab of the main area: opened once per key, and there again after a reload. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { type LabIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type * as React from 'react';

export interface IMainAreaOptions<A extends ReadonlyJSONObject> {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  /** The tracker's namespace, and the command that opens a tab again. */
  namespace: string;
  command: string;
  icon: LabIcon;
  key: (args: A) => string;
  title: (args: A) => string;
  render: (args: A) => React.ReactElement;
}

/** Notebook 7 has one thing in its main area, the notebook. */
const NOTEBOOK = 'Jupyter Notebook';

/** Gives the function that opens a tab, or brings the open one to the front. */
export function mainArea<A extends ReadonlyJSONObject>(options: IMainAreaOptions<A>): (args: A) => void {
  const { app, restorer, namespace, command, icon, key, title, render } = options;
  const tracker = new WidgetTracker<MainAreaWidget>({ namespace });
  const given = new WeakMap<MainAreaWidget, A>();
  if (restorer) {
    void restorer.restore(tracker, {
      command,
      args: widget => given.get(widget) ?? {},
      name: widget => widget.id
    });
  }
  return args => {
    const id = `${namespace}:${key(args)}`;
    if (!tracker.find(one => one.id === id)) {
      const content = ReactWidget.create(render(args));
      content.addClass('jp-KernelGuard-page');
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.label = title(args);
      widget.title.icon = icon;
      widget.title.closable = true;
      given.set(widget, args);
      app.shell.add(widget, app.name === NOTEBOOK ? 'down' : 'main');
      void tracker.add(widget);
    }
    app.shell.activateById(id);
  };
}
