/**
 * Why an output was withheld, and what mends it, by the code that the guard gives as reason.
 *
 * - The texts are here and not in the payload, so that they are told in the reader's language; a reason that is not
 *   known here keeps the guard's own words.
 * - A repair is a constant of this page. Nothing that a kernel chose is inserted or run.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

export interface IRepair {
  label: string;
  /** Code for a new cell; without it the cell is run again. */
  code?: string;
}

export interface IExplanation {
  what: string;
  hint: string;
  repairs: IRepair[];
}

export function explain(reason: string, trans: TranslationBundle): IExplanation | undefined {
  const again = { label: trans.__('Run the cell again') };
  switch (reason) {
    case 'type':
      return {
        what: trans.__('A part of this output has a type that the guard does not pass (scripts, documents, unknown types).'),
        hint: trans.__('Show it as text, a table, a picture, a Vega or Plotly chart, or JSON.'),
        repairs: [{ label: trans.__('Show pictures as PNG'), code: '%config InlineBackend.figure_formats = ["png"]' }]
      };
    case 'too_large':
      return {
        what: trans.__('An output is larger than the guard passes (10 MB a message, 30,000 tags of HTML).'),
        hint: trans.__('Show a part of it: head(), a smaller picture, a summary.'),
        repairs: [
          { label: trans.__('Show fewer rows'), code: 'import pandas as pd\n\npd.set_option("display.max_rows", 60)' },
          { label: trans.__('Make pictures smaller'), code: 'import matplotlib.pyplot as plt\n\nplt.rcParams["figure.dpi"] = 72' }
        ]
      };
    case 'cell_full':
      return {
        what: trans.__('This cell has shown all that one cell may show (20 MB or 20,000 messages). The rest is withheld.'),
        hint: trans.__('Print less, or split the work over several cells.'),
        repairs: []
      };
    case 'unreadable':
      return {
        what: trans.__('An output could not be read as a Jupyter message.'),
        hint: trans.__('Show the value as text; not-a-number values and broken characters cannot be sent as they are.'),
        repairs: [{ label: trans.__('Show the last value as text'), code: 'print(repr(_))' }]
      };
    case 'image':
      return {
        what: trans.__('A picture could not be decoded or drawn, or has more than 40 million pixels.'),
        hint: trans.__('Save it as PNG or JPEG, smaller.'),
        repairs: [{ label: trans.__('Make pictures smaller'), code: 'import matplotlib.pyplot as plt\n\nplt.rcParams["figure.dpi"] = 72' }]
      };
    case 'badge':
      return {
        what: trans.__('The kernel tried to make an output in the guard’s own name.'),
        hint: trans.__('Only the guard says that a value was released. Use .release() to have one.'),
        repairs: []
      };
    case 'unknown_release':
      return {
        what: trans.__('This output refers to a release that this kernel never received.'),
        hint: trans.__('Run the cell that makes the release in this kernel; asking again for the same release costs nothing.'),
        repairs: []
      };
    case 'release_unavailable':
      return {
        what: trans.__('The vault did not give the statement of this release, so it cannot be shown as released.'),
        hint: trans.__('Run the cell again in a moment; asking again for the same release costs nothing.'),
        repairs: [again]
      };
    case 'widget':
      return {
        what: trans.__('A widget of a kind that the guard does not pass (only the controls of ipywidgets and approved widgets).'),
        hint: trans.__('Use the controls, layouts and Output of ipywidgets.'),
        repairs: []
      };
    case 'script':
      return {
        what: trans.__('This output is drawn by a script in the page, and the guard passes no scripts.'),
        hint: trans.__(
          "Show it as a picture, or as data: alt.renderers.enable('mimetype') for Altair, plotly.io.renderers.default = 'plotly_mimetype' for Plotly."
        ),
        repairs: [
          { label: trans.__('Altair charts as data'), code: 'import altair as alt\n\nalt.renderers.enable("mimetype")' },
          {
            label: trans.__('Plotly charts as data'),
            code: 'import plotly.io\n\nplotly.io.renderers.default = "plotly_mimetype"'
          }
        ]
      };
    case 'chart':
      return {
        what: trans.__('This chart would load something from elsewhere, or holds expressions that run as code in the page.'),
        hint: trans.__(
          'Put the data into the chart and compute derived columns in Python; maps and pictures by address do not pass.'
        ),
        repairs: []
      };
    case 'unsigned':
      return {
        what: trans.__('This notebook held an output here that no guarded kernel of this server showed, or that was changed since.'),
        hint: trans.__('Run the cell again; the output then carries its signature.'),
        repairs: [again]
      };
    default:
      return undefined;
  }
}
