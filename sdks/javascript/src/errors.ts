/** The one error that a call of the API throws. A wrong argument is a `TypeError` instead, thrown before anything is sent. */
export class ImmutableError extends Error {
  /** The HTTP status; 0 where no answer came. */
  readonly statusCode: number;
  /** The server's JSON, as it came. */
  readonly responseBody: unknown;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(message: string, statusCode: number, responseBody?: unknown, retryAfter?: number) {
    super(message);
    this.name = "ImmutableError";
    this.statusCode = statusCode;
    this.responseBody = responseBody;
    this.retryAfter = retryAfter;
  }

  /** The server's sentence that says what to do; `message` is its short code. */
  get detail(): string | undefined {
    const message = this.field("message");
    return typeof message === "string" ? message : undefined;
  }

  /** What is wrong, by field, where the server refused what was sent. */
  get errors(): Record<string, string[]> {
    const errors = this.field("errors");
    return typeof errors === "object" && errors !== null ? (errors as Record<string, string[]>) : {};
  }

  private field(name: string): unknown {
    const body = this.responseBody;
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  }
}
