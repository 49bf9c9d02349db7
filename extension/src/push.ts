/**
 * What the server tells by itself: the name of what changed, over Jupyter's own event stream.
 *
 * - A page that nobody sees does not follow; what changed meanwhile is told when it is seen again.
 * - The server gives a sign of life. While there is one, nothing has to be polled; without it, polls go on as ever.
 */
import type { Event } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

export type Topic = 'budget' | 'review' | 'status';

const SCHEMA = 'urn:kernel-guard:changed';
const SILENCE_MS = 45_000;
const TOPICS: readonly unknown[] = ['budget', 'review', 'status'];

export class Push {
  constructor(stream: Event.Stream) {
    stream.connect((_, event) => this._hear(event));
    document.addEventListener('visibilitychange', () => this._tell());
  }

  /** Whether the server has been heard of lately. */
  get alive(): boolean {
    return Date.now() - this._heard < SILENCE_MS;
  }

  get changed(): ISignal<this, Topic> {
    return this._changed;
  }

  private _hear({ schema_id, what }: Event.Emission): void {
    if (schema_id !== SCHEMA) {
      return;
    }
    this._heard = Date.now();
    if (TOPICS.includes(what)) {
      this._waiting.add(what as Topic);
      this._tell();
    }
  }

  private _tell(): void {
    if (document.hidden) {
      return;
    }
    const topics = [...this._waiting];
    this._waiting.clear();
    topics.forEach(topic => this._changed.emit(topic));
  }

  private _heard = -Infinity;
  private readonly _waiting = new Set<Topic>();
  private readonly _changed = new Signal<this, Topic>(this);
}
