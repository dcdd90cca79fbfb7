/** Return an idempotency key with 128 random bits. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The idempotency keys of a page, one for each different request, so that a repeated request has one effect. */
export class RequestKeys {
  readonly #keys = new Map<string, string>();

  /** Return the key of a request body. An equal body has the same key until it succeeds or is refused. */
  keyOf(body: unknown): string {
    const text = JSON.stringify(body);
    const key = this.#keys.get(text) ?? newKey();
    this.#keys.set(text, key);
    return key;
  }

  /** End the use of a body's key, after a response. The same request is then another wish. */
  answered(body: unknown): void {
    this.#keys.delete(JSON.stringify(body));
  }

  /** End the use of all keys. */
  forget(): void {
    this.#keys.clear();
  }
}
