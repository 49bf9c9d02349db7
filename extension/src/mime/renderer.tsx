/** A Lumino widget that renders one MIME type through a React component. */
import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IPayloadProps } from '../components/Release';
import { DOMAIN } from '../tokens';

export class GuardRenderer extends ReactWidget implements IRenderMime.IRenderer {
  constructor(
    options: IRenderMime.IRendererOptions,
    private readonly component: React.ComponentType<IPayloadProps>
  ) {
    super();
    this.mimeType = options.mimeType;
    this.trans = (options.translator ?? nullTranslator).load(DOMAIN);
    this.addClass('jp-KernelGuard-output');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.payload = model.data[this.mimeType];
    this.update();
    await this.renderPromise;
  }

  protected render(): React.ReactElement {
    const Component = this.component;
    return <Component payload={this.payload} trans={this.trans} />;
  }

  private readonly mimeType: string;
  private readonly trans: TranslationBundle;
  private payload: unknown = null;
}
