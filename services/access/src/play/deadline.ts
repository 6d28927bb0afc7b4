import type { Clock } from '@fengcun/runtime';

/** ms; the site's clock may be set meanwhile, so a far deadline is looked at again this often */
const lookAgainMs = 60_000;

/** Does one thing at the earliest of the moments that it was told of, and again at every later one it is told of then. */
export class Deadline {
  readonly #clock: Clock;
  readonly #work: () => Promise<void>;
  #next: Date | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #running: Promise<void> = Promise.resolve();

  /** `work` does not reject. */
  constructor(clock: Clock, work: () => Promise<void>) {
    this.#clock = clock;
    this.#work = work;
  }

  at(moment: Date): void {
    if (this.#closed) return;
    // The clock may have been set past it while its timer still runs.
    this.#look();
    if (this.#next !== null && this.#next <= moment) return;
    this.#next = moment;
    this.#wait(moment);
  }

  /** Nothing begins any more; resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(moment: Date): void {
    if (this.#timer) clearTimeout(this.#timer);
    const ms = moment.getTime() - this.#clock.now().getTime();
    // A timer may be a millisecond early by the clock: it is then due at once, but not in a loop that never lets go.
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(ms, 1), lookAgainMs));
    this.#timer.unref();
  }

  #look(): void {
    const moment = this.#next;
    if (moment === null || this.#closed) return;
    if (this.#clock.now() < moment) {
      this.#wait(moment);
      return;
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#next = null;
    this.#running = this.#running.then(this.#work);
  }
}
