/**
 * What a reader may believe of a cell's outputs, from the labels that the guard wrote on them.
 *
 * - `released`: every output is the vault's statement. `open`: made by the kernel, from releases at most.
 * - `withheld`: something was kept back. `unlabelled`: an output without a label, so not the guard's work.
 * - Streams and errors carry no label in the notebook format; alone they are open, they prove nothing.
 */

export type Zone = 'none' | 'released' | 'open' | 'mock' | 'withheld' | 'unlabelled';

export interface IOutputLike {
  output_type: string;
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

export interface IProvenance {
  zone: Zone;
  releases: string[];
}

const OWN = 'application/vnd.kernel-guard.';
const MOCK = 'MOCK rows, made from the schema alone';

export function provenance(outputs: readonly IOutputLike[]): IProvenance {
  const zones = outputs.map(zoneOf);
  const releases = [...new Set(outputs.flatMap(releasesOf))];
  // The weakest claim wins, but what was withheld is told first.
  const order: Zone[] = ['withheld', 'unlabelled', 'mock', 'open', 'released'];
  return { zone: order.find(zone => zones.includes(zone)) ?? 'none', releases };
}

function zoneOf(output: IOutputLike): Zone {
  if (output.output_type === 'stream' || output.output_type === 'error') {
    return 'open';
  }
  const data = output.data ?? {};
  if (`${OWN}withheld+json` in data) {
    return 'withheld';
  }
  const label = labelOf(output);
  if (typeof label?.zone !== 'string') {
    return 'unlabelled';
  }
  if (`${OWN}release+json` in data) {
    return label.zone === 'release' ? 'released' : 'unlabelled';
  }
  if (label.zone === 'notice') {
    return 'none';
  }
  return isMock(data['text/plain']) ? 'mock' : 'open';
}

function isMock(text: unknown): boolean {
  return (Array.isArray(text) ? text.join('') : String(text ?? '')).startsWith(MOCK);
}

function releasesOf(output: IOutputLike): string[] {
  const releases = labelOf(output)?.releases;
  return Array.isArray(releases) ? releases.map(String) : [];
}

function labelOf({ metadata }: IOutputLike): { zone?: unknown; releases?: unknown } | undefined {
  return metadata?.kernel_guard as { zone?: unknown; releases?: unknown } | undefined;
}
