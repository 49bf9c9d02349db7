/**
 * Something fetched from the server: the last answer, the last error, and a signal.
 *
 * - An error keeps the last answer, so that a view can go on showing it and say that it is old.
 * - Requests in flight are shared: ten cells that finish at once ask once.
 */
import { ISignal, Signal } from '@lumino/signaling';

import type { IFetched, IGuardError } from '../tokens';

export class Fetched<T> implements IFetched<T> {
  constructor(private readonly fetch: () => Promise<T>) {}

  get value(): T | undefined {
    return this._value;
  }

  get error(): IGuardError | undefined {
    return this._error;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  refresh(): Promise<void> {
    this._pending ??= this._load().finally(() => {
      this._pending = undefined;
    });
    return this._pending;
  }

  private async _load(): Promise<void> {
    try {
      this._value = await this.fetch();
      this._error = undefined;
    } catch (reason) {
      this._error = asGuardError(reason);
    }
    this._changed.emit();
  }

  private _value: T | undefined;
  private _error: IGuardError | undefined;
  private _pending: Promise<void> | undefined;
  private _changed = new Signal<this, void>(this);
}

function asGuardError(reason: unknown): IGuardError {
  const { code, message, hint } = reason as Partial<IGuardError>;
  return { code: code ?? 'unexpected', message: message ?? String(reason), hint: hint ?? '' };
}
