/** The fields at fault of a refused request, with a text for a person. */
export interface FieldFault {
  field: string;
  detail: string;
}

/** A refusal of the API, by its stable code. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string,
    readonly faults: readonly FieldFault[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
  }

  /** Return the refusal in the body of a response. A response that is no problem of the API has the code `unreadable`. */
  static of(body: unknown, response: Response): Refusal {
    const problem = isProblem(body) ? body : { code: "unreadable", detail: "" };
    const seconds = Number(response.headers.get("Retry-After"));
    return new Refusal(problem.code, response.status, problem.detail, problem.errors ?? [], seconds || null);
  }
}

/** A request without a response. Whether it had an effect is unknown. */
export class ConnectionLost extends Error {}

/** Return the code of a refusal, or `connection_lost`. */
export function codeOf(error: unknown): string {
  return error instanceof Refusal ? error.code : "connection_lost";
}

interface Problem {
  code: string;
  detail: string;
  errors?: FieldFault[];
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && typeof (body as Problem).code === "string";
}
