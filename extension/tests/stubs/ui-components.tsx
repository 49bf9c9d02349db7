/** Icons as empty spans. */
import * as React from 'react';

export class LabIcon {
  constructor(readonly options: { name: string; svgstr: string }) {}

  react = (): React.ReactElement => <span data-icon={this.options.name} />;
}

const named = (name: string) => new LabIcon({ name, svgstr: '' });

export const caretDownIcon = named('down');
export const caretRightIcon = named('right');
export const refreshIcon = named('refresh');
