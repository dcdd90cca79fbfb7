import { codeOf, Refusal } from "../api/refusal";
import { texts } from "../i18n/language";

/** Return the words for a failed request that makes something new each time that it is sent. */
export function makingRefusalText(error: unknown): string {
  return refusalText(error, { connection_lost: texts.value.problems.connection_lost_unsure });
}

/** Return words for a failed request. `own` are better ones of a screen, by code. */
export function refusalText(error: unknown, own: Readonly<Record<string, string>> = {}): string {
  const { problems } = texts.value;
  const known: Readonly<Record<string, string>> = { ...problems, ...own };
  const text = known[codeOf(error)] ?? problems.other;
  // The API explains these two in words for a person, and names what to do.
  const isExplained = error instanceof Refusal && ["rate_limited", "invalid_request"].includes(error.code);
  return isExplained && error.detail ? `${text} ${error.detail}` : text;
}
